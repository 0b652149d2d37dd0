'use strict';

const { Contract } = require('fabric-contract-api');

/** What the stub answers to a write is of no use. */
const done = async (writing) => {
  await writing;
};
const text = (bytes) => (bytes === undefined || bytes.length === 0 ? null : Buffer.from(bytes).toString());

/** Walks an iterator, to its end or until it gave `most` items, and closes it. */
async function walk(opening, read, most = Infinity) {
  const iterator = await opening;
  const items = [];
  try {
    while (items.length < most) {
      const { value, done } = await iterator.next();
      if (value !== undefined && value !== null) items.push(read(value));
      if (done) break;
    }
  } finally {
    await iterator.close();
  }
  return items;
}

/** What a transaction can do to a peer, by name. */
const STEPS = {
  get: async ({ stub }, key) => text(await stub.getState(key)),
  put: ({ stub }, key, value) => done(stub.putState(key, Buffer.from(value))),
  putBytes: ({ stub }, key, sizeBytes) => done(stub.putState(key, Buffer.alloc(sizeBytes, 1))),
  delete: ({ stub }, key) => done(stub.deleteState(key)),
  putComposite: ({ stub }, kind, attributes) =>
    done(stub.putState(stub.createCompositeKey(kind, attributes), Buffer.from('x'))),
  listComposite: ({ stub }, kind, attributes) =>
    walk(
      stub.getStateByPartialCompositeKey(kind, attributes),
      ({ key }) => stub.splitCompositeKey(key).attributes,
    ),
  range: ({ stub }, start, end, most) => walk(stub.getStateByRange(start, end), ({ key }) => key, most),
  history: ({ stub }, key) =>
    walk(stub.getHistoryForKey(key), ({ txId, value, isDelete, timestamp }) => ({
      txId,
      value: text(value),
      isDelete,
      atUnixSeconds: Number(timestamp.seconds),
    })),
  event: ({ stub }, name, payload) => stub.setEvent(name, Buffer.from(payload)),
  eventBytes: ({ stub }, name, sizeBytes) => stub.setEvent(name, Buffer.alloc(sizeBytes, 1)),
  transient: ({ stub }) =>
    Object.fromEntries([...stub.getTransient()].map(([key, value]) => [key, Buffer.from(value).toString()])),
  facts: ({ stub, clientIdentity }) => ({
    txId: stub.getTxID(),
    channel: stub.getChannelID(),
    atUnixMs: stub.getDateTimestamp().getTime(),
    mspId: clientIdentity.getMSPID(),
    creator: Buffer.from(stub.getCreator().idBytes).toString(),
    colour: clientIdentity.getAttributeValue('colour'),
  }),
  length: async (_context, value) => value.length,
  /** Differs from run to run, as chaincode that asks a clock would. */
  differ: ({ stub }, key) => done(stub.putState(key, Buffer.from(String(Math.random())))),
  fail: async (_context, message) => {
    throw new Error(message);
  },
};

/** A contract that runs small scripts, so that tests can see every behaviour of a ledger that chaincode can meet. */
class ProbeContract extends Contract {
  constructor() {
    super('probe');
  }

  /** Takes the steps `[name, ...operands]` one after the other and answers what each gave. */
  async Run(context, script) {
    const answers = [];
    for (const [name, ...operands] of JSON.parse(script)) {
      answers.push((await STEPS[name](context, ...operands)) ?? null);
    }
    return JSON.stringify(answers);
  }
}

module.exports = { contracts: [ProbeContract] };
