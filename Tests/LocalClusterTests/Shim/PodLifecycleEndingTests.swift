import Testing

@testable import LocalCluster

struct PodLifecycleEndingTests {
    /// Two sidecars and two main containers, all of which run.
    private func running(grace: Int64 = 30) -> LifecycleFixture {
        var pod = LifecycleFixture(
            [.sidecar("a"), .sidecar("b"), .main("c", .always), .main("d", .always)],
            grace: grace
        )
        _ = pod.begin()
        for index in 0..<4 { _ = pod.start(index) }
        return pod
    }

    @Test func `ends main containers first and then sidecars from the last to the first`() {
        var pod = running()
        #expect(pod.handle(.stop(grace: .seconds(10))) == [.terminate(2), .terminate(3)])
        #expect(pod.exit(2) == [])
        #expect(pod.exit(3, code: 143) == [.terminate(1)])
        #expect(pod.exit(1) == [.terminate(0)])
        #expect(pod.exit(0) == [.clear])
        #expect(pod.state.phase == .ending)
        #expect(pod.handle(.cleared) == [])
        #expect(pod.state.phase == .finished)
        #expect(!pod.state.hasSucceeded)
    }

    @Test func `takes a container that exits with 0 when it is asked to end for a completed one`() {
        var pod = running()
        _ = pod.handle(.stop(grace: .seconds(10)))
        _ = pod.exit(2)
        guard case .terminated(let termination) = pod.state.containers[2].state else {
            Issue.record("the container has not ended")
            return
        }
        #expect(termination.reason == "Completed")
    }

    @Test func `kills everything at the end of the grace period`() {
        var pod = running()
        _ = pod.handle(.stop(grace: .seconds(10)))
        _ = pod.exit(2)
        #expect(pod.lifecycle.deadline == .seconds(10))
        #expect(pod.advance(by: .milliseconds(9_999)) == [])
        #expect(pod.advance(by: .milliseconds(1)) == [.kill(3), .kill(0), .kill(1)])
        #expect(pod.lifecycle.deadline == nil)
        #expect(pod.advance(by: .seconds(1)) == [])
        for index in [0, 1] { #expect(pod.exit(index, code: 137) == []) }
        #expect(pod.exit(3, code: 137) == [.clear])
    }

    @Test func `lets the end come earlier but not later`() {
        var pod = running()
        _ = pod.handle(.stop(grace: .seconds(10)))
        _ = pod.handle(.stop(grace: .seconds(20)))
        #expect(pod.lifecycle.deadline == .seconds(10))
        _ = pod.handle(.stop(grace: .seconds(2)))
        #expect(pod.lifecycle.deadline == .seconds(2))
        #expect(pod.handle(.kill) == [.kill(2), .kill(3), .kill(0), .kill(1)])
    }

    @Test func `ends sidecars within the Pod's grace period when the main containers are done`() {
        var pod = LifecycleFixture([.sidecar("a"), .main("b")], grace: 7)
        _ = pod.begin()
        _ = pod.start(0)
        _ = pod.start(1)
        #expect(pod.exit(1) == [.terminate(0)])
        #expect(pod.advance(by: .seconds(7)) == [.kill(0)])
        #expect(pod.exit(0, code: 137) == [.clear])
        _ = pod.handle(.cleared)
        #expect(pod.state.hasSucceeded)
    }

    @Test func `starts nothing any more`() {
        var pod = LifecycleFixture([.initialization("a"), .main("b")])
        _ = pod.begin()
        _ = pod.start(0)
        #expect(pod.handle(.stop(grace: .seconds(5))) == [.terminate(0)])
        #expect(pod.exit(0) == [.clear])
        #expect(pod.state.containers[1].isDone)
    }

    @Test func `asks a container to end that is only being started`() {
        var pod = LifecycleFixture([.main("a", .always)])
        _ = pod.begin()
        #expect(pod.handle(.stop(grace: .seconds(5))) == [.terminate(0)])
        #expect(pod.start(0) == [])
        #expect(pod.exit(0, code: 143) == [.clear])
    }

    @Test func `shows how a container ended that was waiting to start again`() {
        var pod = LifecycleFixture([.main("a", .always)])
        _ = pod.begin()
        for code in [3, 4] as [Int32] {
            _ = pod.start(0)
            _ = pod.exit(0, code: code)
        }
        #expect(pod.handle(.stop(grace: .seconds(5))) == [.clear])
        guard case .terminated(let termination) = pod.state.containers[0].state else {
            Issue.record("the container does not show its end")
            return
        }
        #expect(termination.exitCode == 4)
        #expect(pod.state.containers[0].isDone)
    }

    @Test func `survives events that come twice or too late`() {
        var pod = LifecycleFixture([.main("a")])
        _ = pod.begin()
        _ = pod.start(0)
        #expect(pod.start(0) == [])
        #expect(pod.exit(0) == [.clear])
        #expect(pod.exit(0, code: 9) == [])
        _ = pod.handle(.cleared)
        #expect(pod.handle(.kill) == [])
        #expect(pod.state.hasSucceeded)
    }
}
