/// Lets as many through at a time as are to be there together.
actor Gate {
    private let size: Int
    private var waiting: [CheckedContinuation<Void, Never>] = []
    /// The most that were there at a time.
    private(set) var most = 0

    init(_ size: Int) { self.size = size }

    func pass() async {
        await withCheckedContinuation { continuation in
            waiting.append(continuation)
            most = max(most, waiting.count)
            guard waiting.count >= size else { return }
            for continuation in waiting { continuation.resume() }
            waiting = []
        }
    }
}
