/**
 * The shim writes a line for every refused transaction to standard output, where this process answers in JSON. Its
 * loggers read their level from the environment when they are made, so this file is imported before them.
 */
process.env['CORE_CHAINCODE_LOGGING_LEVEL'] ??= 'CRITICAL';
