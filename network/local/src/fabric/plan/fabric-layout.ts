import { join } from 'node:path';

/** Every path of a native Fabric network's state, below one directory. */
export class FabricLayout {
  /** Absolute, without symbolic links: processes are recognised by it. */
  readonly directory: string;

  constructor(directory: string) {
    this.directory = directory;
  }

  /** What the network is. */
  get planFile(): string {
    return join(this.directory, 'network.json');
  }

  /** Certificates and keys, as cryptogen lays them out. */
  get crypto(): string {
    return join(this.directory, 'crypto');
  }

  /** The scripts that peers run to take up a chaincode package. */
  get builder(): string {
    return join(this.directory, 'builder');
  }

  /** The first block of a channel. */
  genesisBlock(channel: string): string {
    return join(this.directory, 'channels', channel, 'genesis.block');
  }

  /** Where configtxgen finds the description of a channel. */
  channelConfiguration(channel: string): string {
    return join(this.directory, 'channels', channel);
  }

  /** The chaincode package of an organisation. */
  chaincodePackage(mspId: string, sequence: number): string {
    return join(this.directory, 'chaincode', `${mspId}-${sequence}.tar.gz`);
  }

  /** The chaincode that a release runs. */
  chaincodeRelease(release: number): string {
    return join(this.directory, 'chaincode', `release-${release}`);
  }

  /** TLS keys between peers and the chaincode processes. */
  chaincodeTls(name: string): string {
    return join(this.directory, 'chaincode', 'tls', name);
  }

  /** Configuration of an orderer or a peer: its `FABRIC_CFG_PATH`. */
  configuration(name: string): string {
    return join(this.directory, 'nodes', name);
  }

  /** Blocks and state of an orderer or a peer. */
  data(name: string): string {
    return join(this.directory, 'data', name);
  }

  get logs(): string {
    return join(this.directory, 'logs');
  }

  log(name: string): string {
    return join(this.logs, `${name}.log`);
  }

  /** Everything that the network ever makes in its directory; the plan goes last, so that a cut removal can be repeated. */
  get entries(): readonly string[] {
    return ['logs', 'data', 'nodes', 'chaincode', 'channels', 'builder', 'crypto', 'network.json'].map(
      (name) => join(this.directory, name),
    );
  }
}
