/** The version this bundle was built as (vite.config.ts). */
declare const __VERSION__: string;
