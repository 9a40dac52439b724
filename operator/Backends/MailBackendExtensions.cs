namespace MailOperator.Backends;

internal static class MailBackendExtensions
{
    extension(IMailBackend backend)
    {
        /// <summary>All that the backend can do: what it declares, and what follows from its parts.</summary>
        public BackendCapabilities Capabilities =>
            backend.DeclaredCapabilities
            | (backend.Issuer is null ? BackendCapabilities.Hash : BackendCapabilities.Issued)
            | (backend.Uses is null ? BackendCapabilities.None : BackendCapabilities.LastUse);
    }
}
