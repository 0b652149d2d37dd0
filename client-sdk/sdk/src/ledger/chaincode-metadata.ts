import { EkoError } from '@eko/protocol';
import { parseStrictJson, utf8Decode } from '@eko/protocol/encoding';
import { withDeadline, type CallLimits } from '../pacing/deadline';
import type { FabricProfile } from './fabric-profile';
import { openGateway } from './open-gateway';
import { gatewayError } from './gateway-errors';

/** What a chaincode says of itself. */
export interface ChaincodeMetadata {
  /** Of its package.json; empty where the peer runs the contracts without a package. */
  readonly version: string;
  /** Full names, as `registry:ReadNode`. */
  readonly transactions: readonly string[];
}

/** The query that every chaincode of Fabric's contract API answers. */
const GET_METADATA = 'org.hyperledger.fabric:GetMetadata';
const LIMITS = { maxBytes: 1024 * 1024, maxDepth: 32 };
const DEADLINE_MS = 5_000;

/**
 * Asks the chaincode of a profile for its metadata, over a connection of its own.
 *
 * @throws EkoError as `Ledger.evaluate`; `INVALID_CONFIG` with `details.missing` `channel`, `LEDGER_UNAVAILABLE` with
 *   `chaincode`; `CORRUPT_RECORD` for an answer that is no metadata
 */
export async function readChaincodeMetadata(
  profile: FabricProfile,
  { deadlineMs = DEADLINE_MS, signal }: CallLimits = {},
): Promise<ChaincodeMetadata> {
  const { gateway, client } = openGateway(profile);
  try {
    const contract = gateway.getNetwork(profile.channel).getContract(profile.chaincode);
    const bytes = await withDeadline(GET_METADATA, { deadlineMs, signal }, () =>
      contract.newProposal(GET_METADATA).evaluate({ deadline: Date.now() + deadlineMs }),
    );
    return parseMetadata(bytes);
  } catch (error) {
    throw gatewayError(error, 'evaluate');
  } finally {
    gateway.close();
    client.close();
  }
}

function parseMetadata(bytes: Uint8Array): ChaincodeMetadata {
  const metadata = parsed(bytes);
  const version = member(member(metadata, 'info'), 'version');
  const transactions = Object.entries(asObject(member(metadata, 'contracts'))).flatMap(([name, contract]) => {
    const list = member(contract, 'transactions');
    return Array.isArray(list) ? list.map((each) => `${name}:${String(member(each, 'name'))}`) : [];
  });
  return { version: typeof version === 'string' ? version.slice(0, 64) : '', transactions };
}

function parsed(bytes: Uint8Array): unknown {
  try {
    return parseStrictJson(utf8Decode(bytes), LIMITS);
  } catch (error) {
    throw new EkoError('CORRUPT_RECORD', 'What the chaincode says of itself is no metadata', {
      cause: error,
    });
  }
}

const member = (value: unknown, name: string): unknown => asObject(value)[name];

function asObject(value: unknown): Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null ? { ...value } : {};
}
