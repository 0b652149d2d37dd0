/**
 * Runs recorded transactions once more, on the built contracts and over a stub of its own, in whatever time zone and
 * locale this process has: steps as JSON on standard input, what each did as JSON on standard output. Its argument says
 * which of them: the module of the contracts.
 */
process.env.CORE_CHAINCODE_LOGGING_LEVEL = 'CRITICAL';
const { contracts } = require(process.argv[2]);

const { channel, steps } = JSON.parse(require('node:fs').readFileSync(0, 'utf8'));
const state = new Map();

async function run({ as, transaction, argument, nowUnixMs, txId }) {
  const [contractName, method] = transaction.split(':');
  const writes = new Map();
  let event;
  const stub = {
    getTxID: () => txId,
    getChannelID: () => channel,
    getCreator: () => ({ mspid: as.mspId, idBytes: Buffer.from(as.certificatePem) }),
    getDateTimestamp: () => new Date(nowUnixMs),
    getState: async (key) => Buffer.from(state.get(key) ?? ''),
    putState: async (key, value) => void writes.set(key, Buffer.from(value).toString('utf8')),
    setEvent: (name, payload) => void (event = { name, payload: Buffer.from(payload).toString('utf8') }),
  };
  const contract = contracts
    .map((Contract) => new Contract(() => nowUnixMs))
    .find((candidate) => candidate.getName() === contractName);
  try {
    const result = await contract[method]({ stub }, argument);
    for (const [key, value] of writes) state.set(key, value);
    return { result, writes: [...writes].sort(([a], [b]) => (a < b ? -1 : 1)), event };
  } catch (error) {
    return { error: error.message };
  }
}

async function main() {
  const outcomes = [];
  for (const step of steps) outcomes.push(await run(step));
  const { locale, timeZone } = new Intl.DateTimeFormat().resolvedOptions();
  process.stdout.write(JSON.stringify({ locale, timeZone, outcomes }));
}

void main();
