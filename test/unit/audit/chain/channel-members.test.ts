import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { protobufField } from '../../../../client-sdk/sdk/dist/ledger/protobuf-message';
import { ChannelMembers } from '../../../../client-sdk/audit/src/chain/channel-members';
import { parseChannelConfig } from '../../../../client-sdk/audit/src/chain/channel-config';

const IDENTITIES = 64;
const BYTES = 1024 * 1024;

/** Memory in use, once what nobody holds is gone. */
function usedBytes(): number {
  setFlagsFromString('--expose-gc');
  (runInNewContext('gc') as () => void)();
  const { heapUsed, external } = process.memoryUsage();
  return heapUsed + external;
}

describe('the members of a channel', () => {
  it('are kept by little, however much their submitters write beside their certificates', () => {
    const members = new ChannelMembers(parseChannelConfig(new Uint8Array()));
    const before = usedBytes();
    for (let count = 0; count < IDENTITIES; count += 1) {
      const beside = Buffer.alloc(BYTES, count);
      expect(members.identified(protobufField(9, beside))).toBeUndefined();
    }
    expect(usedBytes() - before).toBeLessThan((IDENTITIES * BYTES) / 4);
    expect(members.identified(new Uint8Array())).toBeUndefined();
  });
});
