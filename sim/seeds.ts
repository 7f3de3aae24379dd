/** Seeds that once failed, and what they found. They run with every test, whatever else does. */

export const SEEDS_THAT_FAILED: ReadonlyMap<number, string> = new Map([
  [14, 'the run of a subflow was not found again when its process was killed around its beginning or end'],
  [16, 'two calls of a flow took over one lost run'],
  [62, 'a request to continue a run whose answer was lost left the run with nobody'],
  [485, 'a process that woke added steps, which its successor counted as its own'],
  [1732, 'a program ended while a run was being given to it'],
  [2182, 'a beat on its way registered a process that had ended'],
  [2272, 'code that a flow had not waited for started a step after the end of the flow'],
  [2277, 'a run that was cancelled before it began stayed Cancelling'],
  [4203, 'a step counted as done whose effect had been taken back'],
  [5842, 'a living, idle process was taken for dead, and lost the journal it wrote to'],
  [14421, 'a process that woke began a run that it had made, under the lease of the process that had taken it over'],
  [15083, 'a process that woke gave back the claim of the one that computed in its place'],
  [20796, 'an attempt that had lost its run went on beside the new attempt in the same process'],
  [8705, 'a process that woke began a subflow of a run that it had lost'],
]);
