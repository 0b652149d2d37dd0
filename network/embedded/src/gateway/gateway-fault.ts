import { EkoError } from '@eko/protocol';
import { gateway, google } from '@hyperledger/fabric-protos';
import { Metadata, status, type StatusObject } from '@grpc/grpc-js';
import { AccessDenied } from '@eko/msp';
import { MalformedMessage } from '../messages/proposal';
import { newAny } from '../messages/well-known-messages';

/** What one peer said, as a gateway passes it on. */
export interface FaultDetail {
  readonly address: string;
  readonly mspId: string;
  readonly message: string;
}

/** An answer of the gateway that is not a success. */
export class GatewayFault extends Error {
  override readonly name = 'GatewayFault';
  readonly code: status;
  readonly details: readonly FaultDetail[];

  constructor(code: status, message: string, details: readonly FaultDetail[] = []) {
    super(message);
    this.code = code;
    this.details = details;
  }
}

/** The header in which a gateway puts the details of a fault. */
const DETAILS_HEADER = 'grpc-status-details-bin';

/** Puts any failure into the form that goes over the wire. What is not foreseen keeps its text to itself. */
export function toServerStatus(error: unknown): Partial<StatusObject> {
  const fault = toFault(error);
  // A status travels percent-encoded, which half a surrogate pair cannot be: the call would never be answered.
  const text = toWellFormed(fault.message);
  if (fault.details.length === 0) return { code: fault.code, details: text };
  const message = new google.rpc.Status();
  message.setCode(fault.code);
  message.setMessage(text);
  message.setDetailsList(fault.details.map(encodeDetail));
  const metadata = new Metadata();
  metadata.set(DETAILS_HEADER, Buffer.from(message.serializeBinary()));
  return { code: fault.code, details: text, metadata };
}

const toWellFormed = (text: string): string => Buffer.from(text).toString();

function toFault(error: unknown): GatewayFault {
  if (error instanceof GatewayFault) return error;
  if (error instanceof AccessDenied) return new GatewayFault(status.PERMISSION_DENIED, error.message);
  if (error instanceof MalformedMessage) return new GatewayFault(status.INVALID_ARGUMENT, error.message);
  if (error instanceof EkoError)
    return new GatewayFault(status.UNAVAILABLE, `${error.code}: ${error.message}`);
  return new GatewayFault(status.INTERNAL, 'the embedded ledger failed');
}

function encodeDetail({ address, mspId, message }: FaultDetail): ReturnType<typeof newAny> {
  const detail = new gateway.ErrorDetail();
  detail.setAddress(address);
  detail.setMspId(mspId);
  detail.setMessage(message);
  return newAny('gateway.ErrorDetail', detail.serializeBinary());
}
