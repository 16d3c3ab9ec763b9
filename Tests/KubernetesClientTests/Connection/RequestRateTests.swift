import Testing

@testable import KubernetesClient

@Suite("Rate of requests")
struct RequestRateTests {
    private var bucket = TokenBucket(RequestRate(perSecond: 10, burst: 3))

    @Test mutating func `lets a burst through and then spreads requests`() {
        let pauses = (0..<6).map { _ in bucket.take(at: .zero) }
        #expect(pauses == [.zero, .zero, .zero, .milliseconds(100), .milliseconds(200), .milliseconds(300)])
    }

    @Test mutating func `fills up to the burst and no further`() {
        for _ in 0..<3 { _ = bucket.take(at: .zero) }
        let pauses = (0..<4).map { _ in bucket.take(at: .seconds(100)) }
        #expect(pauses == [.zero, .zero, .zero, .milliseconds(100)])
    }

    @Test mutating func `keeps to the rate in the long run`() {
        var now = Duration.zero
        for _ in 0..<203 { now += bucket.take(at: now) }
        #expect(now >= .milliseconds(19_900) && now <= .milliseconds(20_100))
    }
}
