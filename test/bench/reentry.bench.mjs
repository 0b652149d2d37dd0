import { readFile } from 'node:fs/promises';
import { FormerInitiator } from '../../network/local/dist/demo/former-initiator.js';
import { OldSession } from '../../network/local/dist/demo/old-session.js';
import { reasonOf, waysBack } from '../../network/local/dist/demo/re-entry.js';
import { DevNetwork } from '../../network/local/dist/dev/dev-network.js';
import { POLICY, REQUEST } from './dev-parties.mjs';
import { withFolder } from './kept-folder.mjs';
import { figure } from './measure.mjs';
import { inFlight } from './stream-setup.mjs';

const TRIES_A_WAY = 200;
const TRIES_IN_FLIGHT = 10;

/** A party of a revoked stream tries every way back, 1,000 tries in all. */
export async function cases({ progress }) {
  return withFolder({ prefix: 'eko-reentry-', progress }, async (directory) => {
    const network = await DevNetwork.up({
      directory,
      onProgress: ({ name, step }) => step === 'ready' && progress(`${name} is ready`),
    });
    try {
      return await tryAll(network, progress);
    } finally {
      await network.down();
    }
  });
}

async function tryAll(network, progress) {
  const api = await apiOf(network, 'initiator');
  const bundle = await api('/v1/streams', {
    policy: { ...POLICY, onLedgerLoss: 'close' },
    requests: [REQUEST],
  });
  const [{ streamId }] = bundle.streams;
  let stream = bundle.streams[0];
  while (stream.state !== 'active') stream = await api(`/v1/streams/${streamId}`);
  const former = await FormerInitiator.of(network.layout);
  const kept = await former.collectAndKeep(streamId);
  const session = new OldSession(await former.connect(kept));
  await api(`/v1/streams/${streamId}/revoke`, {});

  let letIn = 0;
  for (const way of waysBack(former, kept, session, stream.witnesses)) {
    const answers = new Map();
    let turns = 0;
    // A witness waits a while for the event of a permit that it does not know.
    await inFlight(TRIES_A_WAY, TRIES_IN_FLIGHT, async () => {
      const reason = await reasonOf(way, turns++);
      answers.set(reason, (answers.get(reason) ?? 0) + 1);
      if (!way.reasons.includes(reason) && reason !== 'RATE_LIMITED') letIn += 1;
    });
    progress(`${way.name}: ${[...answers].map(([reason, count]) => `${count} x ${reason}`).join(', ')}`);
  }
  session.close();
  kept.epochKey.dispose();
  former[Symbol.dispose]();
  return {
    figures: [figure({ id: 'reentry', value: letIn, unit: 'of 1,000 tries', goal: 0, direction: 'at most' })],
  };
}

async function apiOf(network, nodeId) {
  const node = network.network.nodes.find((each) => each.nodeId === nodeId);
  const token = (await readFile(network.layout.node(nodeId).token, 'utf8')).trim();
  return async (path, body) => {
    const response = await fetch(`http://127.0.0.1:${node.port}${path}`, {
      method: body === undefined ? 'GET' : 'POST',
      headers: { authorization: `Bearer ${token}`, 'content-type': 'application/json' },
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    });
    const answer = await response.json();
    if (!response.ok) throw new Error(`${path}: ${answer.code}`);
    return answer;
  };
}
