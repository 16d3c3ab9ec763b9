// swift-tools-version: 6.3

import PackageDescription

let package = Package(
    name: "Fuzz",
    // Task.immediate.
    platforms: [.macOS("26.0")],
    dependencies: [
        .package(name: "kargo-extended", path: "..")
    ],
    targets: [
        .executableTarget(
            name: "Fuzz",
            dependencies: [.product(name: "KargoCore", package: "kargo-extended")],
            swiftSettings: [
                .enableUpcomingFeature("ExistentialAny"),
                .enableUpcomingFeature("InternalImportsByDefault"),
                .enableUpcomingFeature("MemberImportVisibility"),
                // So that an evaluation stays on the thread of the fuzzer.
                .enableUpcomingFeature("NonisolatedNonsendingByDefault"),
                .treatAllWarnings(as: .error),
            ]
        )
    ],
    swiftLanguageModes: [.v6]
)
