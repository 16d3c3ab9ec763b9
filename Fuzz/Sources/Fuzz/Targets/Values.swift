import KargoCore

/// The small languages of versions, constraints, durations, times and quantities; the first byte chooses.
enum Values {
    static func test(_ bytes: [UInt8]) {
        guard let choice = bytes.first else { return }
        let text = String(decoding: bytes.dropFirst(), as: UTF8.self)
        switch choice % 6 {
        case 0: testVersion(text)
        case 1: testConstraint(text)
        case 2: testDuration(text)
        case 3: testTime(text)
        case 4: testQuantity(text)
        default: testOrder(text)
        }
    }

    private static func testVersion(_ text: String) {
        guard let version = try? SemanticVersion(text) else {
            check((try? SemanticVersion(strict: text)) == nil, "only the strict reading takes \(text)")
            return
        }
        guard let again = try? SemanticVersion(strict: version.description) else {
            fatalError("\(version) does not read back")
        }
        check(version == again && version.metadata == again.metadata, "\(version) reads back as \(again)")
        check(version.hashValue == again.hashValue, "equal versions have different hashes: \(text)")
        for next in [try? version.nextPatch(), try? version.nextMinor(), try? version.nextMajor()] {
            if let next { check(version < next, "\(next) does not follow \(version)") }
        }
    }

    private static func testOrder(_ text: String) {
        let versions = parts(text, 3).compactMap { try? SemanticVersion($0) }
        guard versions.count == 3 else { return }
        let (first, second, third) = (versions[0], versions[1], versions[2])
        let relations = [first < second, second < first, first == second].filter(\.self)
        check(relations.count == 1, "\(first) and \(second) have no order")
        check(!(first < second && second < third) || first < third, "the order of \(versions) has a circle")
    }

    private static func testConstraint(_ input: String) {
        let parts = parts(input, 2)
        guard let constraint = try? VersionConstraint(parts[0]) else { return }
        guard let again = try? VersionConstraint(constraint.description) else {
            fatalError("\(constraint) does not read back")
        }
        guard let version = try? SemanticVersion(parts[1]) else { return }
        check(constraint.admits(version) == again.admits(version), "\(constraint) reads back as \(again)")
    }

    private static func testDuration(_ text: String) {
        guard let duration = try? GoDuration(text) else { return }
        check((try? GoDuration(duration.description)) == duration, "\(duration) does not read back")
        check(GoDuration(duration.duration) == duration, "\(duration) changes as a Duration")
    }

    private static func testTime(_ text: String) {
        guard let time = try? KubernetesTime(text) else { return }
        check((try? KubernetesTime(time.description)) == time, "\(time) does not read back")
        guard let exact = try? KubernetesMicroTime(text) else { fatalError("\(text) is a time only once") }
        check((try? KubernetesMicroTime(exact.description)) == exact, "\(exact) does not read back")
        check(KubernetesTime(time.date) == time, "\(time) changes as a Date")
    }

    private static func testQuantity(_ text: String) {
        guard let quantity = try? Quantity(text) else { return }
        check((try? Quantity(quantity.description)) == quantity, "\(quantity) does not read back")
        check(!(quantity < quantity), "\(quantity) is less than itself")
        check(quantity.value >= 0 || quantity.milliValue < 0, "\(quantity) has two signs")
    }
}
