// Serves streams: whoever has an active stream from this party gets a greeting over it.
//
// EKO_PROFILE  how to reach the ledger, and as whom
// EKO_KEYS     the key folder that `eko node init` made
// EKO_STREAMS  host:port to listen on, as the node's record on the ledger says
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { EkoClient, readFabricProfile } from '@eko/sdk';

const [profile, keysDirectory, streams] = ['EKO_PROFILE', 'EKO_KEYS', 'EKO_STREAMS'].map(required);

const client = await EkoClient.connect({
  ledger: await readFabricProfile(profile),
  keysDirectory,
  allowAddresses: ['127.0.0.0/8'], // other nodes on this machine; leave it out on the Internet
});

const [host, port] = streams.split(':');
await client.listen(
  async (connection, stream) => {
    console.log(`serving ${stream.id} to ${stream.bundle.initiator}`);
    stream.onEnd(({ reason, by }) => console.log(`${stream.id} ended: ${reason}, by ${by}`));
    await pipeline(Readable.from([`hello, ${stream.bundle.initiator}\n`]), connection);
  },
  { host, port: Number(port) },
);
console.log(`${client.nodeId} is listening`);

process.once('SIGTERM', () => client.close());

/** A variable that this program cannot do without. */
function required(name) {
  const value = process.env[name];
  if (value) return value;
  console.error(`set ${name}: see the top of this file`);
  process.exit(78);
}
