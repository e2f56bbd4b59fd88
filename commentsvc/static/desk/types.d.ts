/** A comment as it was read. */
export interface Seen {
  id: string;
  revision: number;
  state: string;
}

/** A decision, as the moderation API takes it. Nothing in it tells who wrote what; a reason is a text of the site. */
export interface Decision {
  action: string;
  ids: Seen[];
  decision_id: string;
  reason?: string;
}

/** What waits to be sent: a decision, or the undo of one for those of its comments that `undo` names. */
export interface Waiting {
  key: string;
  decision: Decision;
  undo: string[] | null;
}

export interface Change {
  id: string;
  why: string;
  by_name: string | null;
  state: string | null;
  revision: number | null;
}

export interface News {
  person: string;
  csrf_token: string;
  counts: Record<string, number>;
  changes: Change[];
}

/** What the server said to a decision. */
export interface Outcome {
  decided: { id: string; from: string; to: string | null; decision: string | null }[];
  missing: string[];
  conflicts?: { id: string; why: string; by_name?: string }[];
}

export interface UndoOutcome {
  undone: { decision: string; id: string; from: string; to: string }[];
  refused: { decision: string; why: string }[];
}
