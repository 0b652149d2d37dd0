import type { JudgedInput } from '../../client-sdk/audit/dist/judge-history';
import type { HistoryRule } from '../../client-sdk/audit/dist/violation';
import type { PlantedHistory } from './planted-history';
import type { Story } from './story';

/** One thing that is wrong, and the rule that names it. */
export interface PlantedViolation {
  readonly title: string;
  readonly rule: HistoryRule;
  readonly plant: (history: PlantedHistory, story: Story) => void;
  /** By which other terms the history is to be judged. */
  readonly terms?: (story: Story) => Partial<JudgedInput>;
}
