import { RegistryContract } from '@eko/chaincode';
import { Info } from 'fabric-contract-api';

let answerOfBefore: Promise<void> | undefined;
let isBehind = false;

/** From now on, the peer that answers lists the nodes that it listed when it was first asked. */
export function listNodesOfBefore(behind: boolean): void {
  isBehind = behind;
}

/** The registry of a ledger whose reads may come from a peer that is behind the one that gives the events. */
@Info({ title: 'registry', description: 'A registry read from a peer that is behind' })
export class RegistryBehind extends RegistryContract {
  override async aroundTransaction(
    ...call: Parameters<RegistryContract['aroundTransaction']>
  ): Promise<void> {
    const present = super.aroundTransaction(...call);
    if (String(call[1]) !== 'ListNodes') return present;
    answerOfBefore ??= present;
    return isBehind ? answerOfBefore : present;
  }
}
