import { isEkoError, type EkoError } from '@eko/protocol';
import { TRANSACTIONS } from '@eko/protocol/ledger';
import { connectGatewayLedger, type FabricProfile } from '@eko/sdk';
import { KEEPALIVE_MS, readChaincodeMetadata, type ChaincodeMetadata } from '@eko/sdk/node';
import { checkClock } from './check-clock';
import { checkEvents } from './check-events';
import { checkVersion } from './check-version';
import { failure, isFailure, ok, skipped, type Finding } from './finding';

const DEADLINE_MS = 8_000;
/** Most characters of a foreign text. */
const MAX_WORDS = 300;
const EVENT_WAITS = { quietMs: 1_500, deadlineMs: DEADLINE_MS };

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
    const isUsable = version.isEko && !version.findings.some(isFailure);
    const clock = isUsable
      ? await checkClock(ledger, signal, DEADLINE_MS)
      : skipped('clock', "needs EKO's chaincode, of this version");
    const limits = { deadlineMs: DEADLINE_MS, signal };
    const hasNodes = async (): Promise<boolean> =>
      isUsable && (await ledger.evaluate(TRANSACTIONS.listNodes, { limit: 1 }, limits)).nodes.length > 0;
    const events = await checkEvents(ledger, hasNodes, signal, EVENT_WAITS);
    return [...committed, ...version.findings, clock, events];
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
