import { QueryClient } from '@tanstack/react-query';

import { ApiError } from './http.ts';

/** Push keeps what is shown fresh, so nothing is fetched again for its age alone; a refusal is not asked twice. */
export const queryClient = new QueryClient({
  defaultOptions: {
    queries: {
      staleTime: 10_000,
      refetchOnWindowFocus: true,
      retry: (failures, error) => failures < 2 && !(error instanceof ApiError && error.status >= 400 && error.status < 500),
    },
  },
});
