import { EkoError } from '@eko/protocol';
import {
  EVENTS,
  TRANSACTIONS,
  type LedgerEvent,
  type ChosenRole,
  type Roster,
  type RosterEntry,
} from '@eko/protocol/ledger';
import type { Ledger } from '@eko/sdk';
import { backoffMs, type NodeDirectory, type Pause } from '@eko/sdk/node';
import type { Registry } from './dealer';

/** Events after which a roster must be read again. */
const CHANGES: readonly string[] = [
  EVENTS.nodeRegistered,
  EVENTS.nodeUpdated,
  EVENTS.nodeApproved,
  EVENTS.nodeRetired,
];
/** How often a roster is read for one caller, and the pauses between: a peer that is behind is so for a moment. */
const MOST_READS = 6;
const PAUSES = { firstMs: 50, mostMs: 500 };

/** The registry by the node's directory, with the rosters read from the ledger when they are needed and kept until they change. */
export class LedgerRegistry implements Registry {
  readonly directory: NodeDirectory;
  readonly #ledger: Pick<Ledger, 'evaluate'>;
  readonly #pause: Pause;
  readonly #rosters = new Map<ChosenRole, Promise<Roster>>();

  constructor(directory: NodeDirectory, ledger: Pick<Ledger, 'evaluate'>, pause: Pause) {
    this.directory = directory;
    this.#ledger = ledger;
    this.#pause = pause;
  }

  node(nodeId: string): ReturnType<NodeDirectory['get']> {
    return this.directory.get(nodeId);
  }

  /**
   * Whichever peer answers may not have the block yet that made the version, though the event of a later block is here.
   * The answer says its version, so one that is too old is not kept, and the next peer is asked.
   */
  async roster(role: ChosenRole, version: number): Promise<readonly RosterEntry[]> {
    for (let read = 1; ; read += 1) {
      const reading = this.#rosters.get(role) ?? this.#read(role);
      const roster = await reading;
      if (roster.version >= version) return roster.entries;
      if (this.#rosters.get(role) === reading) this.#rosters.delete(role);
      if (read === MOST_READS) throw behind(role, version, roster.version);
      await this.#pause(backoffMs(read, PAUSES));
    }
  }

  /** Takes an event of the ledger. */
  apply(event: LedgerEvent): void {
    this.directory.apply(event);
    if (CHANGES.includes(event.name)) this.#rosters.clear();
  }

  #read(role: ChosenRole): Promise<Roster> {
    const reading = this.#ledger.evaluate(TRANSACTIONS.readRoster, { role });
    this.#rosters.set(role, reading);
    reading.catch(() => {
      if (this.#rosters.get(role) === reading) this.#rosters.delete(role);
    });
    return reading;
  }
}

function behind(role: ChosenRole, needed: number, seen: number): EkoError {
  return new EkoError(
    'LEDGER_UNAVAILABLE',
    `The peer that answers has version ${seen} of the ${role} roster, and ${needed} is needed: try again once it has caught up`,
    { details: { role, needed, seen } },
  );
}
