#!/usr/bin/env bash
# Checks the layout of the sources, the direction of imports, and rules that the compiler does not know.
set -euo pipefail
cd "$(dirname "$0")/.."

failed=0
complain() {
    echo "lint: $1" >&2
    failed=1
}

paths=(Package.swift Sources Tests)
paths+=(Benchmarks/Package.swift Benchmarks/Sources Fuzz/Package.swift Fuzz/Sources)
swift format lint --strict -r -p "${paths[@]}"

# Warnings are errors in the manifest; this adds imports that no target declares.
swift build --explicit-target-dependency-import-check error

# No file longer than a reader can hold.
while read -r lines file; do
    [[ $file == total || $lines -le 400 ]] || complain "$file has $lines lines; 400 are the most"
done < <(git ls-files 'Sources/*.swift' 'Tests/*.swift' | xargs wc -l)

# Each of these needs a reason beside it, in a comment on the line or on the one above.
while IFS=: read -r file line _; do
    sed -n "$((line - 1)),${line}p" "$file" | grep -q '//' || complain "$file:$line needs a comment that says why"
done < <(git grep -nE 'try!|as!|fatalError\(|nonisolated\(unsafe\)|@unchecked Sendable|Task\.detached|[^a-zA-Z.]Task( \{|\.init)' \
    -- Sources ':!*.md' || true)

git grep -nE '\b(TODO|FIXME|XXX)\b' -- Sources Tests && complain "left undone"
git grep -nE 'Task\.sleep|Clock\(\)\.sleep|usleep|[^a-zA-Z.]sleep\(' -- Tests && complain "a test sleeps"

scripts/step-pages.py --check || complain "pages of step kinds; run make docs"

# The domain, and all that the agent links, does without full Foundation.
if git grep -nE '^(public |package )?import Foundation$' -- \
    Sources/{KargoCore,ArgoCompat,ExecutorRPC,BuiltinSteps,kargo-agent} | while IFS=: read -r file line _; do
        [[ $(sed -n "$((line - 1))p" "$file") == "#else" ]] || echo "$file:$line"
    done | grep .; then
    complain "imports Foundation; use FoundationEssentials"
fi
git grep -n 'Bundle\.module' -- Sources && complain "a library reads resources from files; embed them in code"

# Imports never point up.
rank() {
    case $1 in
        CLibYAML | CLinux | COpenSSL | CZlib) echo 0 ;;
        KargoCore | KargoTestSupport) echo 1 ;;
        KubernetesClient | ArgoCompat) echo 2 ;;
        ControlPlane | BuiltinSteps | StepPluginRegistry | ExecutorRPC) echo 3 ;;
        AgentPod | StepPluginTesting | KargoCommands) echo 4 ;;
        ClusterDoctor | PromotionsBridge) echo 5 ;;
        KargoControllers | LocalCluster) echo 6 ;;
        kargo-*) echo 7 ;;
        *) echo -1 ;;
    esac
}
for directory in Sources/*/; do
    target=$(basename "$directory")
    [[ $(rank "$target") -ge 0 ]] || complain "$target has no floor in scripts/lint.sh"
    for import in $(git grep -hoE '^(public |package )?import [A-Za-z]+' -- "$directory" | awk '{print $NF}' | sort -u); do
        floor=$(rank "$import")
        if [[ $floor -ge 0 && $floor -ge $(rank "$target") && $import != "$target" ]]; then
            complain "$target imports $import, which stands on the same floor or above"
        fi
    done
done

# A library user who wants manifests only builds no server.
swift build --package-path extended/examples/manifests-only
for server in Hummingbird NIOCore GRDB; do
    if find "extended/examples/manifests-only/.build/debug/$server.build" -name '*.o' 2>/dev/null | grep -q .; then
        complain "ArgoCompat drags in $server"
    fi
done
extended/examples/manifests-only/.build/debug/manifests-only extended/examples/manifests-only/plugin.yaml >/dev/null

exit $failed
