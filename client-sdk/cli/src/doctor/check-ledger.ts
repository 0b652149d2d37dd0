import { TRANSACTIONS, isEkoError, type EkoError } from '@eko/protocol';
import {
  KEEPALIVE_MS,
  connectGatewayLedger,
  readChaincodeMetadata,
  type ChaincodeMetadata,
  type FabricProfile,
  type Ledger,
} from '@eko/sdk';
import { checkVersion } from './check-version';
import { failure, ok, skipped, type Finding } from './finding';

/** A node that nobody has: the name of a transaction that changes nothing. */
const NOBODY = 'nobody';
const DEADLINE_MS = 8_000;
/** Most characters of a foreign text. */
const MAX_WORDS = 300;
/** How long no refusal counts as consent; a peer confirms no subscription before there is an event. */
const QUIET_MS = 1_500;

const LEDGER_CHECKS = ['gateway', 'channel', 'identity', 'chaincode', 'version', 'clock', 'events'] as const;

/** No connection, so nothing of the channel can be known. */
export const skippedLedger = (why: string): readonly Finding[] =>
  LEDGER_CHECKS.map((check) => skipped(check, why));

/** Asks the channel, as the profile's identity, what EKO will ask of it; leaves nothing on the ledger. */
export async function checkLedger(
  profile: FabricProfile,
  expectedVersion: string,
  signal: AbortSignal,
): Promise<readonly Finding[]> {
  let metadata: ChaincodeMetadata;
  try {
    metadata = await readChaincodeMetadata(profile, { deadlineMs: DEADLINE_MS, signal });
  } catch (error) {
    if (!isEkoError(error) || signal.aborted) throw error;
    const found = refusalFindings(error, profile);
    return LEDGER_CHECKS.map(
      (check) => found.find((each) => each.check === check) ?? skipped(check, 'needs what failed'),
    );
  }
  const { channel, chaincode, mspId } = profile;
  const committed = [
    ok('gateway', 'the peer answers as a gateway'),
    ok('channel', `the peer has joined ${channel}`),
    ok('identity', `the channel knows it as one of ${mspId}`),
  ];
  const version = checkVersion(metadata, chaincode, expectedVersion);
  const ledger = connectGatewayLedger({ profile });
  try {
    const clock = version.isEko
      ? await checkClock(ledger, signal)
      : skipped('clock', 'needs the EKO chaincode');
    return [...committed, ...version.findings, clock, await checkEvents(ledger, signal)];
  } finally {
    ledger.close();
  }
}

/** Nothing can be wrong here on this side; the other side's setting is only seen when it cuts an idle connection. */
export function keepaliveNote(): Finding {
  const seconds = KEEPALIVE_MS / 1000;
  return ok(
    'keepalive',
    `an idle connection is probed every ${seconds} s: the peer's keepalive.minInterval must be at most that ` +
      '(60 s where nobody changed it), and proxies between must keep idle connections longer',
  );
}

function refusalFindings(error: EkoError, { channel, chaincode, mspId }: FabricProfile): readonly Finding[] {
  const answers = ok('gateway', 'the peer answers as a gateway');
  const joined = ok('channel', `the peer has joined ${channel}`);
  if (error.details.missing === 'channel') {
    const fix = `correct channel in the profile, or let the peer join: peer channel join -b ${channel}.block`;
    return [
      answers,
      failure('channel', 'INVALID_CONFIG', `The peer has not joined the channel ${channel}`, fix),
    ];
  }
  if (error.details.missing === 'chaincode') {
    return [
      answers,
      joined,
      failure(
        'chaincode',
        'LEDGER_UNAVAILABLE',
        `No peer of ${channel} offers a chaincode ${chaincode}`,
        `approve and commit it, and install it on a peer of ${mspId}; see docs/deploy-fabric.md. ` +
          `What is committed: peer lifecycle chaincode querycommitted -C ${channel}`,
      ),
    ];
  }
  switch (error.code) {
    case 'FORBIDDEN':
      return [
        answers,
        joined,
        failure(
          'identity',
          'FORBIDDEN',
          `The channel takes this certificate for none of ${mspId}`,
          "set mspId to the certificate's organisation; after a network was made anew, use a certificate of the new one",
        ),
      ];
    case 'RATE_LIMITED':
      return [
        failure(
          'gateway',
          'RATE_LIMITED',
          'The gateway peer has as many calls open as it takes',
          "close clients, raise the peer's limits.concurrency.gatewayService, or use another peer: each event subscription holds one place",
        ),
      ];
    case 'INVALID_CONFIG':
      return [
        failure(
          'gateway',
          'INVALID_CONFIG',
          'What answers there is no gateway peer',
          'set endpoint to a peer (an orderer has another port) whose gateway is on (peer.gateway.enabled)',
        ),
      ];
    case 'LEDGER_UNAVAILABLE':
    case 'DEADLINE_EXCEEDED':
      return [
        failure(
          'gateway',
          error.code,
          `The peer did not answer a query: ${error.message}`,
          "see the peer's log. It must not ask for client certificates " +
            '(peer.tls.clientAuthRequired), the chaincode must run, and no proxy of this machine (http_proxy, no_proxy) may stand between',
        ),
      ];
    default:
      return [
        answers,
        joined,
        failure(
          'chaincode',
          // Not a defect of this program: a chaincode may fail as it likes.
          error.code === 'INTERNAL' ? 'INVALID_CONFIG' : error.code,
          `The chaincode ${chaincode} does not say what it is: ${wordsOf(error)}`,
          "see the chaincode's log; name EKO's chaincode in the profile",
        ),
      ];
  }
}

/** What the peer itself said, where it said something. */
function wordsOf({ cause, message }: EkoError): string {
  const said =
    typeof cause === 'object' && cause !== null && 'message' in cause ? String(cause.message) : message;
  return said.slice(0, MAX_WORDS);
}

/** Runs a transaction that the contract refuses, but looks at the clock first; as a query it is never ordered. */
async function checkClock(ledger: Ledger, signal: AbortSignal): Promise<Finding> {
  try {
    await ledger.evaluate(TRANSACTIONS.heartbeat, { nodeId: NOBODY }, { deadlineMs: DEADLINE_MS, signal });
  } catch (error) {
    if (!isEkoError(error) || signal.aborted) throw error;
    if (
      isEkoError(error, 'CLOCK_SKEW', 'IDENTITY_NOT_CANONICAL', 'LEDGER_UNAVAILABLE', 'DEADLINE_EXCEEDED')
    ) {
      const fix =
        error.code === 'CLOCK_SKEW'
          ? "set this machine's clock, and the peer's, by NTP (timedatectl set-ntp true)"
          : 'mend what the text says, and look again';
      return failure('clock', error.code, error.message, fix);
    }
  }
  return ok('clock', "within a minute of the peer's");
}

/** Subscribes as every node does, from the first block on. */
async function checkEvents(ledger: Ledger, signal: AbortSignal): Promise<Finding> {
  const quiet = AbortSignal.timeout(QUIET_MS);
  try {
    for await (const { blockNumber } of ledger.events({ signal: AbortSignal.any([quiet, signal]) }))
      return ok('events', `arrive, from block ${blockNumber} on`);
  } catch (error) {
    if (!isEkoError(error) || signal.aborted) throw error;
    const fix =
      error.code === 'RATE_LIMITED'
        ? "raise the peer's limits.concurrency.gatewayService, or use another peer: each subscription holds one place"
        : "the identity must be a reader of the channel; see the peer's log";
    return failure('events', error.code, `The peer refuses a subscription: ${error.message}`, fix);
  }
  return ok('events', 'the peer refuses no subscription; there is no event yet');
}
