/** The process behind a `Lane`: a network with both parties, and what measures on it, command by command. */
import { downNetwork, networkStatus, upNetwork } from '@eko/local-network';
import { withParties } from './dev-parties.mjs';
import { withFolder } from './kept-folder.mjs';
import { COMMANDS } from './lane-commands.mjs';
import { putProbesIntoChildren } from './probes.mjs';
import { serveOneByte } from './stream-setup.mjs';

/** As on a Fabric channel tuned for this use; the ratios are to transactions of the same ledger. */
const BLOCK_TIMEOUT_MS = 50;

const { ledger, basePort, withProbes } = JSON.parse(process.argv[2]);
/** Whoever started this may be gone: then nobody reads, and the network is still to be taken down. */
const send = (message) => process.connected && process.send(message, () => undefined);
const progress = (line) => send({ progress: line });
const probe = withProbes ? putProbesIntoChildren() : undefined;
// A Ctrl-C reaches the whole group; the starter's end is what ends this, so that no network stays behind.
process.on('SIGINT', () => undefined);

try {
  if (ledger === 'fabric') await onFabric();
  else await withParties({ blockTimeoutMs: BLOCK_TIMEOUT_MS, progress }, (parties) => serve(parties, {}));
  process.exit();
} catch (error) {
  progress(`ended: ${error.message}`);
  process.exit(1);
}

async function onFabric() {
  await withFolder({ prefix: 'eko-bench-fabric-', progress }, async (directory) => {
    try {
      await upNetwork(
        { directory, env: process.env, report: progress },
        { basePort, blockTimeoutMs: BLOCK_TIMEOUT_MS },
      );
      await withParties({ ledger: { kind: 'fabric', directory }, progress }, async (parties) => {
        const { processes } = await networkStatus(directory);
        const pids = (role) => processes.flatMap((each) => (each.role === role ? (each.pid ?? []) : []));
        const ofFabric = { peer: pids('peer'), orderer: pids('orderer'), chaincode: pids('chaincode') };
        await serve(parties, ofFabric);
      });
    } finally {
      await downNetwork(directory);
    }
  });
}

async function serve(parties, ofLedger) {
  const { network } = parties;
  const running = (names) => names.flatMap((name) => network.pidOf(name) ?? []);
  const named = (role) =>
    network.network.nodes.filter((node) => node.role === role).map(({ nodeId }) => nodeId);
  const lane = {
    parties,
    progress,
    probe,
    listener: await serveOneByte(parties.provider),
    /** Processes by their kind; both parties are clients of this one. */
    kinds: () => ({
      party: [process.pid],
      witness: running(named('witness')),
      orchestrator: running(named('orchestrator')),
      ...(Object.keys(ofLedger).length > 0 ? ofLedger : { ledger: running([network.names[0]]) }),
    }),
    idlePerSecond: {},
    /** Bundles that were left alive. */
    kept: [],
  };
  send({
    nodes: {
      party: 2,
      witness: named('witness').length,
      orchestrator: named('orchestrator').length,
      ledger: Object.keys(lane.kinds()).slice(3),
    },
  });
  await untilTold(lane);
  await lane.listener.close();
}

function untilTold(lane) {
  return new Promise((resolve, reject) => {
    process.on('message', async ({ id, command, options }) => {
      if (command === 'quit') {
        if (options.hasFailed) reject(new Error('a measurement failed'));
        else resolve();
        return;
      }
      try {
        send({ id, result: await COMMANDS[command](lane, options) });
      } catch (error) {
        send({ id, error: String(error?.stack ?? error) });
      }
    });
    process.once('disconnect', () => reject(new Error('whoever started the measurement is gone')));
    process.once('SIGTERM', () => reject(new Error('the measurement was told to stop')));
  });
}
