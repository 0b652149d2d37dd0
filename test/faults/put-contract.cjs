'use strict';

const { Contract } = require('fabric-contract-api');

/** The smallest chaincode, for tests that start the built ledger as a process. */
class PutContract extends Contract {
  constructor() {
    super('put');
  }

  async Put(ctx, key, value) {
    await ctx.stub.putState(key, Buffer.from(value));
    ctx.stub.setEvent('put', Buffer.from(key));
    return value;
  }

  async Get(ctx, key) {
    return Buffer.from(await ctx.stub.getState(key)).toString();
  }
}

module.exports = { contracts: [PutContract] };
