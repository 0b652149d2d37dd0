import { EVENTS, TRANSACTIONS, type LedgerEvent, type NodeRole, type RosterEntry } from '@eko/protocol';
import type { NodeDirectory, Ledger } from '@eko/sdk';
import type { Registry } from '../ports/registry';

/** Events after which a roster must be read again. */
const CHANGES: readonly string[] = [EVENTS.nodeRegistered, EVENTS.nodeUpdated, EVENTS.nodeRetired];

/** The registry by the node's directory, with the rosters read from the ledger when they are needed and kept until they change. */
export class LedgerRegistry implements Registry {
  readonly directory: NodeDirectory;
  readonly #ledger: Pick<Ledger, 'evaluate'>;
  readonly #rosters = new Map<NodeRole, Promise<readonly RosterEntry[]>>();

  constructor(directory: NodeDirectory, ledger: Pick<Ledger, 'evaluate'>) {
    this.directory = directory;
    this.#ledger = ledger;
  }

  node(nodeId: string): ReturnType<NodeDirectory['get']> {
    return this.directory.get(nodeId);
  }

  roster(role: NodeRole): Promise<readonly RosterEntry[]> {
    const known = this.#rosters.get(role);
    if (known !== undefined) return known;
    const reading = this.#ledger.evaluate(TRANSACTIONS.readRoster, { role }).then(({ entries }) => entries);
    this.#rosters.set(role, reading);
    reading.catch(() => {
      if (this.#rosters.get(role) === reading) this.#rosters.delete(role);
    });
    return reading;
  }

  /** Takes an event of the ledger. */
  apply(event: LedgerEvent): void {
    this.directory.apply(event);
    if (CHANGES.includes(event.name)) this.#rosters.clear();
  }
}
