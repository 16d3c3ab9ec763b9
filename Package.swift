// swift-tools-version: 6.3

import PackageDescription

let strict: [SwiftSetting] = [
    // SE-0335: spell `any`, so that the cost of an existential shows.
    .enableUpcomingFeature("ExistentialAny"),
    // SE-0409: an import is internal unless it says otherwise.
    .enableUpcomingFeature("InternalImportsByDefault"),
    // SE-0444: a member is visible only where its module is imported.
    .enableUpcomingFeature("MemberImportVisibility"),
    // SE-0461: an async function runs where its caller runs.
    .enableUpcomingFeature("NonisolatedNonsendingByDefault"),
    // SE-0470: a conformance is isolated where its type is.
    .enableUpcomingFeature("InferIsolatedConformances"),
    // SE-0481: `weak let`.
    .enableUpcomingFeature("ImmutableWeakCaptures"),
    .treatAllWarnings(as: .error),
    .treatWarning("DeprecatedDeclaration", as: .warning),
]

let argumentParser = Target.Dependency.product(name: "ArgumentParser", package: "swift-argument-parser")
let logging = Target.Dependency.product(name: "Logging", package: "swift-log")

let package = Package(
    name: "kargo-extended",
    platforms: [.macOS(.v15)],
    products: [
        .library(name: "ArgoCompat", targets: ["ArgoCompat"]),
        .library(name: "KargoCommands", targets: ["KargoCommands"]),
        .library(name: "KargoCore", targets: ["KargoCore"]),
        .library(name: "KargoTestSupport", targets: ["KargoTestSupport"]),
        .executable(name: "kargo", targets: ["kargo-cli"]),
    ],
    dependencies: [
        .package(url: "https://github.com/apple/swift-argument-parser", from: "1.8.2"),
        .package(url: "https://github.com/apple/swift-collections", from: "1.6.0"),
        .package(url: "https://github.com/apple/swift-log", from: "1.16.2"),
    ],
    targets: [
        // MARK: Floor 0
        .systemLibrary(
            name: "CLibYAML",
            pkgConfig: "yaml-0.1",
            providers: [.apt(["libyaml-dev"]), .brew(["libyaml"])]
        ),
        .systemLibrary(
            name: "COpenSSL",
            pkgConfig: "libcrypto",
            providers: [.apt(["libssl-dev"]), .brew(["openssl@3"])]
        ),

        // MARK: Floor 1
        .target(
            name: "KargoCore",
            dependencies: [
                "CLibYAML",
                "COpenSSL",
                logging,
                .product(name: "OrderedCollections", package: "swift-collections"),
            ]
        ),
        .testTarget(name: "KargoCoreTests", dependencies: ["KargoCore"]),
        .target(name: "KargoTestSupport"),
        .testTarget(name: "KargoTestSupportTests", dependencies: ["KargoTestSupport"]),

        // MARK: Floor 2
        .target(name: "ArgoCompat", dependencies: ["KargoCore"]),
        .testTarget(name: "ArgoCompatTests", dependencies: ["ArgoCompat", "KargoCore", "KargoTestSupport"]),

        .target(name: "KargoCommands", dependencies: ["ArgoCompat", "KargoCore", argumentParser]),
        .testTarget(name: "KargoCommandsTests", dependencies: ["KargoCommands", "KargoCore", "KargoTestSupport"]),

        // MARK: Floor 7
        .executableTarget(name: "kargo-cli", dependencies: ["KargoCommands"]),
    ],
    swiftLanguageModes: [.v6]
)

for target in package.targets where target.type != .system {
    target.swiftSettings = strict + (target.swiftSettings ?? [])
}
