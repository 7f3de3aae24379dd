/** Switches Node's compile cache on. */
export declare function enableCompileCache(): void;
