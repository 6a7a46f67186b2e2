import { fileURLToPath } from "node:url";
import { defineConfig } from "vite";

const here = (path: string): string => fileURLToPath(new URL(path, import.meta.url));

// The pages ask for entries by name (`{% asset "app" %}`); Django reads the manifest to find the files.
export default defineConfig({
  base: "/static/built/",
  publicDir: false,
  build: {
    outDir: here("../src/bishui/server/static/built"),
    emptyOutDir: true,
    manifest: "manifest.json",
    // Nothing becomes a data: address, so that the content security policy can stay narrow.
    assetsInlineLimit: 0,
    chunkSizeWarningLimit: 1200,
    rolldownOptions: {
      input: {
        app: here("src/app.ts"),
        map: here("src/map.ts"),
        chart: here("src/chart.ts"),
        review: here("src/review.ts"),
        field: here("src/field.ts"),
        "field-worker": here("src/field-worker.ts"),
        outfalls: here("src/outfalls.ts"),
      },
    },
  },
  worker: { format: "es" },
});
