// swift-tools-version: 6.3

import PackageDescription

// A tool of somebody else's that wants manifests and nothing more. A clone of this project may have any directory name, so
// the dependency is named.
let package = Package(
    name: "manifests-only",
    platforms: [.macOS(.v15)],
    dependencies: [.package(name: "kargo-extended", path: "../../..")],
    targets: [
        .executableTarget(
            name: "manifests-only",
            dependencies: [.product(name: "ArgoCompat", package: "kargo-extended")]
        )
    ]
)
