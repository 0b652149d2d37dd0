/** The contract API tells of every decorator that it meets when a contract class is loaded, unless it is told not to. */
process.env['CORE_CHAINCODE_LOGGING_LEVEL'] = 'ERROR';
