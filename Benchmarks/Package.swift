// swift-tools-version: 6.3

import PackageDescription

let package = Package(
    name: "Benchmarks",
    platforms: [.macOS(.v15)],
    dependencies: [
        .package(name: "kargo-extended", path: ".."),
        .package(url: "https://github.com/swiftlang/swift-subprocess", from: "1.0.2", traits: []),
    ],
    targets: [
        .executableTarget(
            name: "QuickStart",
            dependencies: [
                .product(name: "KargoCore", package: "kargo-extended"),
                .product(name: "KubernetesClient", package: "kargo-extended"),
                .product(name: "Subprocess", package: "swift-subprocess"),
                // What is measured; they are built beside the benchmark, where it finds them.
                .product(name: "kargo", package: "kargo-extended"),
                .product(name: "kargo-agent", package: "kargo-extended"),
                .product(name: "kargo-controller", package: "kargo-extended"),
            ]
        ),
        .executableTarget(
            name: "LocalClusterBenchmark",
            dependencies: [
                .product(name: "KargoCore", package: "kargo-extended"),
                .product(name: "KubernetesClient", package: "kargo-extended"),
                .product(name: "Subprocess", package: "swift-subprocess"),
                .product(name: "kargo-controller", package: "kargo-extended"),
            ],
            swiftSettings: [.enableUpcomingFeature("NonisolatedNonsendingByDefault")]
        ),
        .executableTarget(
            name: "Expressions",
            dependencies: ["CAllocations", .product(name: "KargoCore", package: "kargo-extended")],
            // So that no evaluation changes the thread, on which allocations are counted.
            swiftSettings: [.enableUpcomingFeature("NonisolatedNonsendingByDefault")]
        ),
        .executableTarget(
            name: "Steps",
            dependencies: [
                .product(name: "BuiltinSteps", package: "kargo-extended"),
                .product(name: "KargoCore", package: "kargo-extended"),
                .product(name: "Subprocess", package: "swift-subprocess"),
            ],
            swiftSettings: [.enableUpcomingFeature("NonisolatedNonsendingByDefault")]
        ),
        .target(name: "CAllocations"),
    ],
    swiftLanguageModes: [.v6]
)
