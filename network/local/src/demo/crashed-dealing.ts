import { formatMs } from '@eko/command';
import { compareKeys } from './compare-keys';
import { placeOf } from './ledger-log';
import { endOfBundle } from './ledger-log';
import { DEMO_POLICY, requestStream, untilActive, type RequestedStream } from './set-up-stream';
import type { Stage } from './stage';

/** The one witness of its organisation: of three organisations' witnesses it is always drawn. */
const KILLED_WITNESS = 'witness-3';
const OUTCOME_DEADLINE_MS = 60_000;

/** The third part: a dealer and a witness are killed while they deal, and the request still comes to an end. */
export async function playCrashedDealing(stage: Stage): Promise<void> {
  const { timeline } = stage;
  timeline.chapter('3. A stream during whose dealing a witness and the leading orchestrator are killed');
  const requested = await requestStream(stage, 'third stream', DEMO_POLICY);
  const restarted = crash(stage, requested);
  // Awaited below; a failure until then must wait, too.
  restarted.catch(() => undefined);
  const outcome = await Promise.race([
    untilActive(stage, requested).then(() => 'active' as const),
    untilEnded(stage, requested),
  ]);
  timeline.claim(
    'an acknowledged request becomes active or ends with a reason',
    true,
    `${outcome}, ${formatMs(performance.now() - requested.requestedAtMs)} after the request`,
  );
  await restarted;
  if (outcome !== 'active') return;
  await compareKeys(stage, requested.streamId, 'and both parties have its key, although nodes crashed');
  await stage.initiator.api.complete(requested.streamId);
  timeline.tell('the initiator ends the stream as completed');
}

/** Kills both with SIGKILL and starts them again. */
async function crash({ network, timeline }: Stage, { orchestrators }: RequestedStream): Promise<void> {
  const victims = [orchestrators[0] ?? '', KILLED_WITNESS];
  await Promise.all(victims.map((name) => network.kill(name)));
  timeline.tell(`SIGKILL: ${victims.join(' and ')} are gone`);
  await Promise.all(
    victims.map(async (name) => {
      await network.restart(name);
      timeline.tell(`${name} is back`);
    }),
  );
}

async function untilEnded({ log }: Stage, { bundle }: RequestedStream): Promise<string> {
  const { event } = await log.first('the end', endOfBundle(bundle.bundleId), OUTCOME_DEADLINE_MS);
  const reason = event.payload.ends[0]?.reason ?? 'unknown';
  return `ended: ${reason} (${placeOf(event)})`;
}
