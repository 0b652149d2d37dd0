import type { Client } from '@grpc/grpc-js';
import { type Gateway, type Contract } from '@hyperledger/fabric-gateway';
import { encodeCanonicalJson } from '@eko/protocol/encoding';
import { type TransactionName, type TransactionArgument } from '@eko/protocol/ledger';
import { readFabricProfile } from '@eko/sdk';
import { openGateway } from '../../../client-sdk/sdk/dist/ledger/open-gateway';

const DEADLINE_MS = 30_000;
import { skewedProposal } from '../../contract/skewed-proposal';

/** A transaction that peers have endorsed, and nobody has sent for ordering. */
export interface EndorsedTransaction {
  readonly txId: string;
  /** Sends it once, and answers Fabric's validation code. */
  commit(): Promise<number>;
}

/** Endorses now what is sent for ordering later, as somebody may who works past EKO's client. */
export class EndorsingClient {
  readonly #gateway: Gateway;
  readonly #client: Client;
  readonly #contract: Contract;

  private constructor(gateway: Gateway, client: Client, contract: Contract) {
    this.#gateway = gateway;
    this.#client = client;
    this.#contract = contract;
  }

  /** @param profileFile - whose identity signs, through which peer */
  static async open(profileFile: string): Promise<EndorsingClient> {
    const profile = await readFabricProfile(profileFile);
    const { gateway, client } = openGateway(profile);
    const contract = gateway.getNetwork(profile.channel).getContract(profile.chaincode);
    return new EndorsingClient(gateway, client, contract);
  }

  /** @param skewMs - how far its submitter's clock is ahead */
  async endorse<Name extends TransactionName>(
    name: Name,
    argument: TransactionArgument<Name>,
    skewMs = 0,
  ): Promise<EndorsedTransaction> {
    const deadline = (): { deadline: number } => ({ deadline: Date.now() + DEADLINE_MS });
    const plain = this.#contract.newProposal(name, { arguments: [encodeCanonicalJson(argument)] });
    const proposal = skewMs === 0 ? plain : skewedProposal(this.#gateway, plain, skewMs);
    const transaction = await proposal.endorse(deadline());
    return {
      txId: proposal.getTransactionId(),
      commit: async () => (await (await transaction.submit(deadline())).getStatus(deadline())).code,
    };
  }

  close(): void {
    this.#gateway.close();
    this.#client.close();
  }
}
