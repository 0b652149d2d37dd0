import { nobleVrfCurve } from '@eko/protocol/crypto';
import { describeVrf } from '../vrf-suite';

describeVrf('big integers', () => nobleVrfCurve);
