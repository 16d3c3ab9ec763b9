import Synchronization

/// Runs what is asynchronous by its type only, to its end and on this thread.
///
/// libFuzzer waits for the answer, and a crash shows its cause only on the stack on which it happens. Nothing in
/// ``Surroundings`` really waits, so a task that starts at once also ends at once.
func immediately<Value: Sendable>(
    _ body: @escaping @Sendable () async throws -> Value
) -> Result<Value, any Error> {
    let answer = Answer<Value>()
    Task.immediate {
        do {
            answer.set(.success(try await body()))
        } catch {
            answer.set(.failure(error))
        }
    }
    guard let result = answer.result else { fatalError("something waits") }
    return result
}

private final class Answer<Value: Sendable>: Sendable {
    private let storage = Mutex<Result<Value, any Error>?>(nil)

    var result: Result<Value, any Error>? { storage.withLock(\.self) }

    func set(_ result: Result<Value, any Error>) { storage.withLock { $0 = result } }
}
