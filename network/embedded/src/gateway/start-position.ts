import { status } from '@grpc/grpc-js';
import { orderer } from '@hyperledger/fabric-protos';
import { GatewayFault } from './gateway-fault';

/**
 * Reads from which block a client wants events. Without a position it is the next block.
 *
 * @param height the number of blocks there are
 * @throws GatewayFault `INVALID_ARGUMENT`
 */
export function parseStartPosition(position: orderer.SeekPosition | undefined, height: number): number {
  const { TypeCase } = orderer.SeekPosition;
  switch (position?.getTypeCase() ?? TypeCase.TYPE_NOT_SET) {
    case TypeCase.TYPE_NOT_SET:
    case TypeCase.NEXT_COMMIT:
      return height;
    case TypeCase.SPECIFIED:
      return position?.getSpecified()?.getNumber() ?? 0;
    case TypeCase.OLDEST:
      return 0;
    case TypeCase.NEWEST:
      return height - 1;
    default:
      throw new GatewayFault(status.INVALID_ARGUMENT, 'invalid start position type');
  }
}
