import KargoCore
import Testing

@testable import LocalCluster

struct ShimStateTests {
    private let process = ProcessIdentity(pid: 5, startTime: 6)

    private func record(_ name: String, _ state: ContainerRecord.State, last: Termination? = nil) -> ContainerRecord {
        ContainerRecord(
            name: name,
            kind: .main,
            state: state,
            lastTermination: last,
            restartCount: 3,
            isDone: false
        )
    }

    private func termination(_ code: Int32, attempt: Int32 = 3) -> Termination {
        Termination(
            attempt: attempt,
            process: process,
            exitCode: code,
            signal: nil,
            reason: "x",
            message: "y",
            startedAt: LifecycleFixture.wall,
            finishedAt: LifecycleFixture.wall
        )
    }

    @Test func `comes back from its file as it was`() throws {
        let state = ShimState(
            shim: process,
            phase: .ending,
            isInitialized: true,
            containers: [
                record("a", .waiting(reason: "r", message: "m"), last: termination(1)),
                record("b", .running(ContainerRun(process: process, startedAt: LifecycleFixture.wall))),
                record("c", .terminated(termination(0))),
            ]
        )
        let line = try StoredValue.line(state)
        #expect(!line.contains(UInt8(ascii: "\n")))
        #expect(try StoredValue.decode(ShimState.self, from: line) == state)
    }

    @Test(arguments: [ShimCommand.subscribe, .stop(graceSeconds: 7), .kill])
    func `sends commands as lines`(command: ShimCommand) throws {
        #expect(try StoredValue.decode(ShimCommand.self, from: StoredValue.line(command)) == command)
    }

    @Test func `takes containers that ran under a lost shim for killed`() {
        let run = ContainerRun(process: process, startedAt: LifecycleFixture.wall)
        let state = ShimState(
            shim: process,
            containers: [record("a", .running(run)), record("b", .terminated(termination(0)))]
        )
        let lost = state.lost(at: LifecycleFixture.wall)
        guard case .terminated(let end) = lost.containers[0].state else {
            Issue.record("the container still runs")
            return
        }
        #expect(end.exitCode == 137)
        #expect(end.reason == "ContainerStatusUnknown")
        #expect(end.attempt == 3)
        #expect(lost.containers[1] == state.containers[1])
    }

    @Test func `hands on to the next shim what has become of the containers`() {
        let state = ShimState(
            shim: process,
            containers: [
                record("failed", .terminated(termination(1))), record("done", .terminated(termination(0))),
                record("waiting", .waiting(reason: "CrashLoopBackOff", message: ""), last: termination(0, attempt: 2)),
                record("new", .waiting(reason: "PodInitializing", message: "")),
            ]
        )
        let histories = state.histories(restartPolicy: "OnFailure")
        #expect(histories.mapValues(\.nextAttempt) == ["failed": 4, "done": 4, "waiting": 3])
        #expect(histories.filter(\.value.isDone).map(\.key) == ["done"])
        #expect(state.histories(restartPolicy: "Always").allSatisfy { !$0.value.isDone })
    }
}
