import { RegistryContract } from '@eko/chaincode';
import { Context, Info, Returns, Transaction } from 'fabric-contract-api';

let answerOfBefore: Promise<string> | undefined;
let isBehind = false;

/** From now on, the peer that answers lists the nodes that it listed when it was first asked. */
export function listNodesOfBefore(behind: boolean): void {
  isBehind = behind;
}

/** The registry of a ledger whose reads may come from a peer that is behind the one that gives the events. */
@Info({ title: 'registry', description: 'A registry read from a peer that is behind' })
export class RegistryBehind extends RegistryContract {
  @Transaction(false)
  @Returns('string')
  override ListNodes(context: Context, argument: string): Promise<string> {
    const present = super.ListNodes(context, argument);
    answerOfBefore ??= present;
    return isBehind ? answerOfBefore : present;
  }
}
