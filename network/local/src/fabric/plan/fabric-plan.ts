import { EkoError } from '@eko/protocol';
import { Type, parseStrictJson, parseWith, type Static } from '@eko/protocol/encoding';
import { strictObject } from '@eko/protocol/ledger';
import { isMissing, writeWhole } from '@eko/protocol/node';
import { readFile } from 'node:fs/promises';
import type { FabricLayout } from './fabric-layout';

/** The name of a channel, as Fabric takes it. */
const ChannelName = Type.String({ pattern: '^[a-z][a-z0-9.-]{0,62}$' });

/** What can be a network's base port. */
export const BASE_PORTS = { minimum: 1024, maximum: 65_000 } as const;

/** Everything that decides what a native network is: written once, at its first start; only channels are added later. */
export const FabricPlan = strictObject({
  version: Type.Literal(1),
  /** The version of Fabric whose programs made the state, as `3.1.5`. */
  fabric: Type.String({ maxLength: 32 }),
  /** First of the network's ports; see `topologyOf`. */
  basePort: Type.Integer(BASE_PORTS),
  consensus: Type.Union([Type.Literal('raft'), Type.Literal('bft')]),
  organisations: Type.Integer({ minimum: 2, maximum: 3 }),
  peersPerOrganisation: Type.Integer({ minimum: 1, maximum: 2 }),
  channels: Type.Array(ChannelName, { minItems: 1, maxItems: 64, uniqueItems: true }),
  /** The chaincode's name on every channel. */
  chaincode: Type.String({ pattern: '^[A-Za-z0-9]+([-_][A-Za-z0-9]+)*$', maxLength: 63 }),
  /** How long a block waits for more transactions. */
  blockTimeoutMs: Type.Integer({ minimum: 1, maximum: 60_000 }),
  /** How many transactions close a block at once. */
  maxMessageCount: Type.Integer({ minimum: 1, maximum: 100_000 }),
  /** In Fabric's language; the channel's majority of organisations where it is not given. */
  endorsementPolicy: Type.Optional(Type.String({ minLength: 1, maxLength: 1_000 })),
});
export type FabricPlan = Static<typeof FabricPlan>;

/** What a person may choose; the rest follows from the programs. */
export type FabricChoices = Partial<Omit<FabricPlan, 'version' | 'fabric'>>;

/** The channel of a network of which no other was asked for. */
export const DEFAULT_CHANNEL = 'eko';

const DEFAULTS: Omit<FabricPlan, 'version' | 'fabric'> = {
  basePort: 17_050,
  consensus: 'raft',
  organisations: 3,
  peersPerOrganisation: 1,
  channels: [DEFAULT_CHANNEL],
  chaincode: 'eko',
  blockTimeoutMs: 50,
  maxMessageCount: 500,
};

const MAX_BYTES = 64 * 1024;

/**
 * The plan of a new network.
 *
 * @throws EkoError `INVALID_ARGUMENT` naming the choice that cannot be
 */
export function newPlan(fabric: string, choices: FabricChoices): FabricPlan {
  return parseWith(FabricPlan, { version: 1, fabric, ...DEFAULTS, ...choices }, 'Fabric network');
}

/**
 * The plan of a network that exists already, with the channels that are new. Everything else is in its certificates and
 * blocks and cannot be chosen again.
 *
 * @throws EkoError `BAD_STATE` naming the choice that differs, or the version of Fabric
 */
export function continuedPlan(present: FabricPlan, fabric: string, choices: FabricChoices): FabricPlan {
  if (lineOf(present.fabric) !== lineOf(fabric)) {
    throw new EkoError(
      'BAD_STATE',
      `This network was made by Fabric ${present.fabric}, and the programs are ${fabric}: use those of its line, or reset it`,
      { details: { made: present.fabric, found: fabric } },
    );
  }
  const { channels = [], ...others } = choices;
  for (const [name, value] of Object.entries(others)) {
    const made = present[name as keyof typeof others];
    if (made !== value) {
      throw new EkoError(
        'BAD_STATE',
        `This network was made with ${name} ${made ?? '(none)'}, not ${value}: leave the option out, or reset the network`,
        { details: { choice: name } },
      );
    }
  }
  return parseWith(
    FabricPlan,
    { ...present, channels: [...new Set([...present.channels, ...channels])] },
    'Fabric network',
  );
}

const lineOf = (version: string): string => version.split('.').slice(0, 2).join('.');

/**
 * Reads the plan of a directory, or answers `undefined` where there is none.
 *
 * @throws EkoError `CORRUPT_RECORD`, `INVALID_CONFIG` for a file that is there and cannot be read
 */
export async function readPlan(layout: FabricLayout): Promise<FabricPlan | undefined> {
  let text: string;
  try {
    text = await readFile(layout.planFile, 'utf8');
  } catch (error) {
    if (isMissing(error)) return undefined;
    throw new EkoError('INVALID_CONFIG', `${layout.planFile} cannot be read`, {
      details: { file: layout.planFile },
      cause: error,
    });
  }
  try {
    const value = parseStrictJson(text, { maxBytes: MAX_BYTES, maxDepth: 4 });
    return parseWith(FabricPlan, value, layout.planFile, 'CORRUPT_RECORD');
  } catch (error) {
    throw new EkoError('CORRUPT_RECORD', `${layout.planFile} was changed or cut: reset the network`, {
      details: { file: layout.planFile },
      cause: error,
    });
  }
}

/** Writes the plan, whole. */
export async function writePlan(layout: FabricLayout, plan: FabricPlan): Promise<void> {
  await writeWhole(layout.planFile, `${JSON.stringify(plan, undefined, 2)}\n`);
}
