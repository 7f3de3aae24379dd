import { QueryClient } from '@tanstack/react-query';

import { onRecovery } from './connection.ts';
import { ApiError } from './http.ts';

/** Push keeps what is shown fresh, so nothing is fetched again for its age alone; a refusal is not asked twice. */
export const queryClient = new QueryClient({
  defaultOptions: {
    queries: {
      // What the browser thinks of its way to the world says nothing about a server that may be on this machine.
      networkMode: 'always',
      staleTime: 10_000,
      refetchOnWindowFocus: true,
      retry: (failures, error) =>
        failures < 2 &&
        !(error instanceof ApiError && (error.status === 0 || (error.status >= 400 && error.status < 500))),
    },
    mutations: { networkMode: 'always' },
  },
});

/** What could not be asked while the server was away is asked now, and what was shown meanwhile is read again. */
onRecovery(() => void queryClient.invalidateQueries());
