/** What our own pages ask for of the versions of a deployment: which there are, and in what two of them differ. */

import { VersionFacts } from '../deployment-version.ts';
import { Action, Maybe, type RouteContract } from '../route.ts';
import { DateTime, EXACT, Nullable, Whole } from '../schema/scalars.ts';
import { Type, type Static } from '../type.ts';

const Side = Maybe(Whole({ minimum: 1 }));

const Difference = Type.Object(
  {
    path: Type.String(),
    /** JSON as text, a schedule in words; `null`: there was nothing. */
    from: Nullable(Type.String()),
    to: Nullable(Type.String()),
  },
  EXACT,
);
export type VersionDifference = Static<typeof Difference>;

export const UI_DEPLOYMENT_VERSIONS = {
  method: 'POST',
  path: '/ui/pages/deployments/{id}/versions',
  name: 'read_deployment_versions_page',
  tag: 'Pages',
  summary: 'The versions of a deployment, in what two of them differ, and what was changed by hand since the newest',
  body: Action({
    /** The number of a version; left out: the deployment as it is. */
    from: Side,
    to: Side,
  }),
  answers: {
    200: Type.Object(
      {
        as_of: DateTime,
        /** The newest first. */
        versions: Type.Array(VersionFacts),
        /** From the first to the second. */
        differences: Type.Array(Difference),
        /** From the newest version to what is there. */
        drift: Type.Array(Difference),
      },
      EXACT,
    ),
  },
} as const satisfies RouteContract;
