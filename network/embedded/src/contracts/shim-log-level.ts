/**
 * The decorators of contract classes write a line each to standard output when the classes are loaded, where this
 * process answers in JSON. Their loggers take their level from the environment, so it is set before the first of them.
 */
process.env['CORE_CHAINCODE_LOGGING_LEVEL'] ??= 'CRITICAL';
