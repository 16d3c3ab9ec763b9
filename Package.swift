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
let asyncHTTPClient = Target.Dependency.product(name: "AsyncHTTPClient", package: "async-http-client")
let subprocess = Target.Dependency.product(name: "Subprocess", package: "swift-subprocess")
let logging = Target.Dependency.product(name: "Logging", package: "swift-log")

let package = Package(
    name: "kargo-extended",
    platforms: [.macOS(.v15)],
    products: [
        .library(name: "AgentPod", targets: ["AgentPod"]),
        .library(name: "ArgoCompat", targets: ["ArgoCompat"]),
        .library(name: "BuiltinSteps", targets: ["BuiltinSteps"]),
        .library(name: "ClusterDoctor", targets: ["ClusterDoctor"]),
        .library(name: "ControlPlane", targets: ["ControlPlane"]),
        .library(name: "KargoCommands", targets: ["KargoCommands"]),
        .library(name: "ExecutorRPC", targets: ["ExecutorRPC"]),
        .library(name: "KargoControllers", targets: ["KargoControllers"]),
        .library(name: "KargoCore", targets: ["KargoCore"]),
        .library(name: "KargoTestSupport", targets: ["KargoTestSupport"]),
        .library(name: "KubernetesClient", targets: ["KubernetesClient"]),
        .library(name: "LocalCluster", targets: ["LocalCluster"]),
        .library(name: "PromotionsBridge", targets: ["PromotionsBridge"]),
        .library(name: "StepPluginRegistry", targets: ["StepPluginRegistry"]),
        .executable(name: "kargo", targets: ["kargo-cli"]),
        .executable(name: "kargo-agent", targets: ["kargo-agent"]),
        .executable(name: "kargo-controller", targets: ["kargo-controller"]),
    ],
    dependencies: [
        .package(url: "https://github.com/apple/swift-argument-parser", from: "1.8.2"),
        .package(url: "https://github.com/apple/swift-async-algorithms", from: "1.1.4"),
        .package(url: "https://github.com/apple/swift-collections", from: "1.6.0"),
        .package(url: "https://github.com/apple/swift-http-types", from: "1.8.0"),
        .package(url: "https://github.com/apple/swift-log", from: "1.16.2"),
        .package(url: "https://github.com/apple/swift-nio", from: "2.101.2"),
        .package(url: "https://github.com/apple/swift-nio-ssl", from: "2.37.6"),
        .package(url: "https://github.com/groue/GRDB.swift", from: "7.10.0"),
        .package(url: "https://github.com/hummingbird-project/hummingbird", from: "2.28.1", traits: []),
        .package(url: "https://github.com/swift-server/async-http-client", from: "1.37.0"),
        .package(url: "https://github.com/swift-server/swift-service-lifecycle", from: "2.13.0"),
        .package(url: "https://github.com/swiftlang/swift-subprocess", from: "1.0.2", traits: []),
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

        .systemLibrary(
            name: "CZlib",
            pkgConfig: "zlib",
            providers: [.apt(["zlib1g-dev"]), .brew(["zlib"])]
        ),

        .systemLibrary(name: "CLinux"),

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
        .testTarget(name: "KargoCoreTests", dependencies: ["COpenSSL", "KargoCore", "KargoTestSupport"]),
        .target(
            name: "KargoTestSupport",
            dependencies: [
                subprocess,
                .product(name: "NIOCore", package: "swift-nio"),
                .product(name: "NIOPosix", package: "swift-nio"),
            ]
        ),
        .testTarget(name: "KargoTestSupportTests", dependencies: ["KargoTestSupport"]),

        // MARK: Floor 2
        .target(name: "ArgoCompat", dependencies: ["KargoCore"]),
        .testTarget(name: "ArgoCompatTests", dependencies: ["ArgoCompat", "KargoCore", "KargoTestSupport"]),

        .target(
            name: "KubernetesClient",
            dependencies: [
                "KargoCore",
                asyncHTTPClient,
                logging,
                subprocess,
                .product(name: "DequeModule", package: "swift-collections"),
                .product(name: "HeapModule", package: "swift-collections"),
                .product(name: "NIOCore", package: "swift-nio"),
                .product(name: "NIOHTTP1", package: "swift-nio"),
                .product(name: "NIOPosix", package: "swift-nio"),
                .product(name: "NIOSSL", package: "swift-nio-ssl"),
                .product(name: "NIOWebSocket", package: "swift-nio"),
            ]
        ),
        .testTarget(
            name: "KubernetesClientTests",
            dependencies: [
                "KargoCore", "KargoTestSupport", "KubernetesClient", "LocalCluster", asyncHTTPClient, logging,
                .product(name: "NIOCore", package: "swift-nio"),
                .product(name: "NIOHTTP1", package: "swift-nio"),
                .product(name: "NIOPosix", package: "swift-nio"),
                .product(name: "NIOSSL", package: "swift-nio-ssl"),
                .product(name: "NIOWebSocket", package: "swift-nio"),
            ]
        ),

        // MARK: Floor 3
        .target(
            name: "BuiltinSteps",
            dependencies: [
                "CLinux",
                "CZlib",
                "KargoCore",
                asyncHTTPClient,
                subprocess,
                .product(name: "NIOCore", package: "swift-nio"),
                .product(name: "NIOHTTP1", package: "swift-nio"),
                .product(name: "NIOPosix", package: "swift-nio"),
                .product(name: "NIOSSL", package: "swift-nio-ssl"),
            ],
            resources: [.embedInCode("Schemas")]
        ),
        .testTarget(
            name: "BuiltinStepsTests",
            dependencies: [
                "BuiltinSteps", "KargoCore", "KargoTestSupport", subprocess,
                .product(name: "NIOCore", package: "swift-nio"),
                .product(name: "NIOHTTP1", package: "swift-nio"),
                .product(name: "NIOPosix", package: "swift-nio"),
                .product(name: "NIOSSL", package: "swift-nio-ssl"),
            ]
        ),
        .target(
            name: "ControlPlane",
            dependencies: [
                "COpenSSL",
                "KargoCore",
                "KubernetesClient",
                asyncHTTPClient,
                logging,
                .product(name: "NIOCore", package: "swift-nio"),
                .product(name: "NIOHTTP1", package: "swift-nio"),
            ],
            resources: [.embedInCode("CRDs")]
        ),
        .testTarget(
            name: "ControlPlaneTests",
            dependencies: [
                "BuiltinSteps", "COpenSSL", "ControlPlane", "KargoCore", "KargoTestSupport", "KubernetesClient",
                "LocalCluster", asyncHTTPClient, logging,
                .product(name: "NIOCore", package: "swift-nio"),
                .product(name: "NIOHTTP1", package: "swift-nio"),
                .product(name: "NIOPosix", package: "swift-nio"),
            ]
        ),

        .target(
            name: "ExecutorRPC",
            dependencies: [
                "ArgoCompat",
                "CLinux",
                "KargoCore",
                asyncHTTPClient,
                logging,
                .product(name: "HTTPTypes", package: "swift-http-types"),
                .product(name: "Hummingbird", package: "hummingbird"),
                .product(name: "HummingbirdCore", package: "hummingbird"),
                .product(name: "NIOCore", package: "swift-nio"),
                .product(name: "NIOHTTP1", package: "swift-nio"),
                .product(name: "NIOPosix", package: "swift-nio"),
                .product(name: "NIOSSL", package: "swift-nio-ssl"),
                .product(name: "UnixSignals", package: "swift-service-lifecycle"),
            ]
        ),
        .testTarget(
            name: "ExecutorRPCTests",
            dependencies: [
                "ArgoCompat", "ExecutorRPC", "KargoCore", "KargoTestSupport", asyncHTTPClient, logging,
                .product(name: "NIOCore", package: "swift-nio"),
                .product(name: "NIOHTTP1", package: "swift-nio"),
                .product(name: "NIOPosix", package: "swift-nio"),
                .product(name: "NIOSSL", package: "swift-nio-ssl"),
            ]
        ),
        .target(
            name: "StepPluginRegistry",
            dependencies: ["ArgoCompat", "KargoCore", "KubernetesClient", logging]
        ),
        .testTarget(
            name: "StepPluginRegistryTests",
            dependencies: [
                "ArgoCompat", "KargoCore", "KargoTestSupport", "KubernetesClient", "StepPluginRegistry", logging,
            ]
        ),

        // MARK: Floor 4
        .target(
            name: "AgentPod",
            dependencies: [
                "ArgoCompat", "ControlPlane", "ExecutorRPC", "KargoCore", "KubernetesClient", "StepPluginRegistry",
                asyncHTTPClient, logging,
                .product(name: "DequeModule", package: "swift-collections"),
            ]
        ),
        .testTarget(
            name: "AgentPodTests",
            dependencies: [
                "AgentPod", "ArgoCompat", "ExecutorRPC", "KargoCore", "KargoTestSupport", "KubernetesClient",
                "StepPluginRegistry", asyncHTTPClient, logging,
            ]
        ),

        .target(
            name: "KargoCommands",
            dependencies: ["ArgoCompat", "ControlPlane", "KargoCore", "KubernetesClient", argumentParser]
        ),
        .testTarget(
            name: "KargoCommandsTests",
            dependencies: [
                "ControlPlane", "KargoCommands", "KargoCore", "KargoTestSupport", "KubernetesClient", argumentParser,
                subprocess,
            ]
        ),

        // MARK: Floor 5
        .target(
            name: "PromotionsBridge",
            dependencies: ["AgentPod", "ArgoCompat", "KargoCore", "StepPluginRegistry"]
        ),
        .testTarget(
            name: "PromotionsBridgeTests",
            dependencies: [
                "AgentPod", "ArgoCompat", "ExecutorRPC", "KargoCore", "KargoTestSupport", "PromotionsBridge",
                "StepPluginRegistry", logging,
            ]
        ),

        .target(
            name: "ClusterDoctor",
            dependencies: [
                "AgentPod", "ArgoCompat", "BuiltinSteps", "ControlPlane", "KargoCommands", "KargoCore",
                "KubernetesClient", "StepPluginRegistry", argumentParser,
            ]
        ),
        .testTarget(
            name: "ClusterDoctorTests",
            dependencies: [
                "AgentPod", "ClusterDoctor", "ControlPlane", "KargoCore", "KargoTestSupport", "KubernetesClient",
                "LocalCluster", argumentParser, logging, subprocess,
            ]
        ),

        // MARK: Floor 6
        .target(
            name: "KargoControllers",
            dependencies: [
                "KargoCore", "KubernetesClient", "PromotionsBridge", logging,
                .product(name: "HTTPTypes", package: "swift-http-types"),
                .product(name: "Hummingbird", package: "hummingbird"),
                .product(name: "HummingbirdCore", package: "hummingbird"),
                .product(name: "NIOCore", package: "swift-nio"),
            ]
        ),
        .testTarget(
            name: "KargoControllersTests",
            dependencies: [
                "ControlPlane", "KargoControllers", "KargoCore", "KargoTestSupport", "KubernetesClient", "LocalCluster",
                "PromotionsBridge", asyncHTTPClient, logging,
                .product(name: "NIOCore", package: "swift-nio"),
                .product(name: "NIOHTTP1", package: "swift-nio"),
            ]
        ),
        .target(
            name: "LocalCluster",
            dependencies: [
                "CLinux",
                "KargoCore",
                "KubernetesClient",
                logging,
                .product(name: "AsyncAlgorithms", package: "swift-async-algorithms"),
                .product(name: "DequeModule", package: "swift-collections"),
                .product(name: "GRDB", package: "GRDB.swift"),
                .product(name: "HTTPTypes", package: "swift-http-types"),
                .product(name: "Hummingbird", package: "hummingbird"),
                .product(name: "HummingbirdCore", package: "hummingbird"),
                .product(name: "HummingbirdTLS", package: "hummingbird"),
                .product(name: "NIOCore", package: "swift-nio"),
                .product(name: "NIOHTTP1", package: "swift-nio"),
                .product(name: "NIOPosix", package: "swift-nio"),
                .product(name: "NIOSSL", package: "swift-nio-ssl"),
                .product(name: "NIOWebSocket", package: "swift-nio"),
            ],
            resources: [.embedInCode("Descriptions")]
        ),
        .testTarget(
            name: "LocalClusterTests",
            dependencies: [
                "ControlPlane", "KargoCore", "KargoTestSupport", "KubernetesClient", "LocalCluster", asyncHTTPClient,
                logging, subprocess,
                .product(name: "NIOCore", package: "swift-nio"),
                .product(name: "NIOHTTP1", package: "swift-nio"),
                .product(name: "NIOPosix", package: "swift-nio"),
            ]
        ),

        // MARK: Floor 7
        .executableTarget(name: "kargo-cli", dependencies: ["ClusterDoctor", "KargoCommands", argumentParser]),
        .executableTarget(
            name: "kargo-agent",
            dependencies: ["BuiltinSteps", "ExecutorRPC", "KargoCore", logging]
        ),
        .executableTarget(
            name: "kargo-controller",
            dependencies: [
                "AgentPod", "ArgoCompat", "BuiltinSteps", "ControlPlane", "ExecutorRPC", "KargoControllers",
                "KargoCore", "KubernetesClient", "LocalCluster", "PromotionsBridge", "StepPluginRegistry",
                argumentParser, asyncHTTPClient, logging,
                .product(name: "UnixSignals", package: "swift-service-lifecycle"),
            ]
        ),
        .testTarget(
            name: "EndToEndTests",
            dependencies: [
                "AgentPod", "ArgoCompat", "BuiltinSteps", "ControlPlane", "ExecutorRPC", "KargoControllers",
                "KargoCore", "KargoTestSupport", "KubernetesClient", "LocalCluster", "PromotionsBridge",
                "StepPluginRegistry", asyncHTTPClient, logging, subprocess,
                .product(name: "NIOCore", package: "swift-nio"),
                .product(name: "NIOHTTP1", package: "swift-nio"),
                .product(name: "NIOPosix", package: "swift-nio"),
                .product(name: "NIOSSL", package: "swift-nio-ssl"),
            ]
        ),
    ],
    swiftLanguageModes: [.v6]
)

for target in package.targets where target.type != .system {
    target.swiftSettings = strict + (target.swiftSettings ?? [])
}
