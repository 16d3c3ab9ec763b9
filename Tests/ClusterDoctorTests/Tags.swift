import Testing

extension Tag {
    /// Needs processes.
    @Tag static var integration: Self
}
