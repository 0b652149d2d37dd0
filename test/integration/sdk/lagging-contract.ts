import { Context, Contract, Info, Returns, Transaction } from 'fabric-contract-api';

let peers = 0;
/** How many more runs of the second peer are on the state of before. */
let runsBehind = 0;

/** Has the second endorsing peer run that often on the state of one block earlier. */
export function keepBehind(runs: number): void {
  runsBehind = runs;
}

/**
 * A transaction under the name of `AuthorizeRelease` that writes what block its peer stands at, as reads carry it. Each
 * endorsing peer has an instance of its own.
 */
@Info({ title: 'Lagging', description: 'One of two peers is a block behind' })
export class LaggingContract extends Contract {
  readonly #place: number;

  constructor() {
    super('dealings');
    this.#place = peers;
    peers += 1;
  }

  @Transaction()
  @Returns('string')
  public async AuthorizeRelease(context: Context, _argument: string): Promise<string> {
    const isBehind = this.#place % 2 === 1 && runsBehind > 0;
    if (isBehind) runsBehind -= 1;
    await context.stub.putState('height', Buffer.from(isBehind ? '6' : '7'));
    return '{}';
  }
}
