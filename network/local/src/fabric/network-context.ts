import type { FabricLayout } from './plan/fabric-layout';
import type { FabricPlan } from './plan/fabric-plan';
import type { Topology } from './plan/topology';
import type { FabricPrograms } from './programs/find-programs';

/** What every step that changes a network works on. */
export interface NetworkContext {
  readonly layout: FabricLayout;
  readonly plan: FabricPlan;
  readonly topology: Topology;
  readonly programs: FabricPrograms;
  /** Where the chaincode of a new release is taken from. */
  readonly chaincodeFolder: string;
  readonly signal: AbortSignal;
  /** Tells a person what is being done. */
  readonly report: (step: string) => void;
}
