namespace MailOperator.MailBackends;

/// <summary>A device wants a password that nobody asked for.</summary>
/// <param name="Backend">Name of its MailBackend.</param>
/// <param name="Namespace">Namespace of the device.</param>
/// <param name="Device">Its uid.</param>
/// <param name="IsScheduled">
/// Its interval is over. Otherwise its Secret was edited or deleted, or its slot was lost.
/// </param>
internal readonly record struct UnaskedRequest(string Backend, string Namespace, string Device, bool IsScheduled);
