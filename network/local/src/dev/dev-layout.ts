import { networkAccessFile, networkPlanFile, readerProfileFile } from '@eko/command';
import { join } from 'node:path';

/** Where one node of the development network keeps its files. */
export interface NodeFolder {
  readonly configuration: string;
  readonly profile: string;
  readonly keys: string;
  readonly data: string;
  /** The token of a party's REST API. */
  readonly token: string;
  /** The same token as a configuration file of curl. */
  readonly curl: string;
  readonly log: string;
}

/** Every path of the development network's state, below one directory. */
export class DevLayout {
  readonly directory: string;

  constructor(directory: string) {
    this.directory = directory;
  }

  /** Names and ports; there from the first start on. */
  get networkFile(): string {
    return networkPlanFile(this.directory);
  }

  /** There while the network runs. */
  get runningFile(): string {
    return join(this.directory, 'running.json');
  }

  /** The embedded ledger's blocks, and its organisations' certificates and keys as Fabric's tools lay them out. */
  get ledger(): string {
    return join(this.directory, 'ledger');
  }

  /** What the starter of a detached network says. */
  get networkLog(): string {
    return join(this.directory, 'logs', 'network.log');
  }

  get ledgerLog(): string {
    return join(this.directory, 'logs', 'ledger.log');
  }

  /** The Fabric profile of somebody who only reads: `eko verify`. */
  get readerProfile(): string {
    return readerProfileFile(this.directory);
  }

  /** The files of one node. */
  node(nodeId: string): NodeFolder {
    const folder = join(this.directory, 'nodes', nodeId);
    return {
      configuration: join(folder, 'configuration.json'),
      profile: join(folder, 'fabric.profile.json'),
      keys: join(folder, 'keys'),
      data: join(folder, 'data'),
      token: join(folder, 'api.token'),
      curl: join(folder, 'api.curl'),
      log: join(this.directory, 'logs', `${nodeId}.log`),
    };
  }

  /** Everything that the development network ever makes in its directory. */
  get entries(): readonly string[] {
    const { runningFile, readerProfile, networkFile } = this;
    const folders = ['logs', 'nodes', 'ledger'].map((name) => join(this.directory, name));
    return [runningFile, readerProfile, networkAccessFile(this.directory), ...folders, networkFile];
  }
}
