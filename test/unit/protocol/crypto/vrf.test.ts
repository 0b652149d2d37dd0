import { nobleVrfCurve } from '@eko/protocol/crypto';
import { describeVrf } from '../../../support/protocol/vrf-suite';

describeVrf('big integers', () => nobleVrfCurve);
