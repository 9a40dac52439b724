namespace MailOperator.Languages;

internal sealed partial class Language
{
    public static readonly Language Italian = new()
    {
        Code = "it",
        Name = "Italiano",
        Months =
        [
            "gennaio", "febbraio", "marzo", "aprile", "maggio", "giugno",
            "luglio", "agosto", "settembre", "ottobre", "novembre", "dicembre",
        ],
        DateAndTime = "{0} {1} {2}, {3}",
        Page = new()
        {
            LanguageLabel = "Lingua",
            SkipToContent = "Vai al contenuto",

            OpenTitle = "Una password per il suo dispositivo",
            Greeting = "Buongiorno {0}",
            OpenLead = "Riceve una password solo per questo dispositivo. Potrà essere revocata in seguito senza "
                + "toccare gli altri dispositivi.",
            Mailbox = "Casella",
            Device = "Dispositivo",
            ValidUntil = "Link valido fino al",
            OnceBefore = "La password viene mostrata una sola volta e poi non potrà più essere mostrata. "
                + "Tenga a portata di mano il dispositivo o il gestore di password.",
            Create = "Crea la password",
            OwnSummary = "Preferisco sceglierne una io",
            OwnLabel = "La sua password",
            OwnRulesLead = "Deve avere:",
            OwnRuleLength = "da 16 a 72 caratteri",
            OwnRuleCharacters = "solo lettere senza accento, cifre, spazi e simboli comuni",
            OwnRuleEdges = "nessuno spazio all’inizio o alla fine",
            OwnRuleWords = "nessuna parte del suo indirizzo, né il nome del servizio",
            OwnRuleRows = "almeno 10 caratteri, se ogni serie come aaaa, 1234 o abcabc conta per uno",
            OwnRuleCommon = "almeno 10 caratteri, se una password nota come qwerty conta per uno",
            OwnAdvice = "Ne scelga una che non usa altrove.",
            OwnButton = "Usa questa password",
            OwnErrorLength = "Questa password non ha da 16 a 72 caratteri.",
            OwnErrorCharacters = "Questa password contiene un carattere che non tutti i programmi di posta sanno "
                + "scrivere: un accento o un’emoji.",
            OwnErrorEdges = "Questa password inizia o finisce con uno spazio.",
            OwnErrorWords = "Questa password contiene il suo indirizzo, una sua parte o il nome del servizio.",
            OwnErrorRows = "Questa password è fatta quasi solo di ripetizioni o di serie come aaaa, 1234 o abcabc.",
            OwnErrorCommon = "Questa password è fatta quasi solo di password note.",
            PhoneSummary = "Continuare su un telefono",
            PhoneText = "Inquadri questo codice con la fotocamera del telefono per aprirvi il link. "
                + "In tal caso non crei la password qui: il link vale una volta sola.",
            DidNotGoThrough = "L’operazione non è riuscita. Il link non è stato usato: riprovi, per favore.",

            TakenTitle = "Una password esiste già",
            TakenText = "Ha già usato questo link in questo browser. Vale la password di allora; "
                + "ciò che ha appena inviato non è stato accettato.",

            WaitingTitle = "La sua password è in preparazione",
            WaitingText = "Il server di posta ne viene informato. Bastano pochi secondi.",
            WaitingAway = "Il server di posta al momento non risponde. Nulla va perso: tutto prosegue da sé appena "
                + "torna disponibile.",
            WaitingRefused = "Il sistema di posta non ha ancora accettato la password. Avvisi chi le ha inviato il "
                + "link; poi questa pagina prosegue da sé.",
            WaitingKeep = "Può chiudere questa pagina e riaprire il link entro {0} giorni, in questo stesso browser.",
            LookAgain = "Controlla di nuovo",

            ReadyTitle = "La sua password è pronta",
            ReadyLead = "È valida da subito, solo per questo dispositivo.",
            Password = "Password",
            Show = "Mostra",
            Hide = "Nascondi",
            Copy = "Copia",
            Copied = "Copiato",
            OnceAfter = "La salvi ora. Tra {0} minuti, o quando ha finito, sparisce da questa pagina e non può più "
                + "essere mostrata.",
            OwnKnown = "È la password che ha digitato al primo invio. Solo lei la conosce, perciò non può "
                + "essere mostrata qui.",
            Done = "L’ho salvata",
            DoneHint = "La sua app invia e riceve? Allora tolga la password da questa pagina.",
            DoneTitle = "Tutto fatto",
            DoneText = "La password non è più su questa pagina. Se la perde, chieda un nuovo link a chi l’ha invitata.",

            SettingsTitle = "Impostazioni per la sua app di posta",
            Incoming = "Ricezione ({0})",
            Outgoing = "Invio ({0})",
            Server = "Server",
            Port = "Porta",
            Security = "Sicurezza",
            SecurityNone = "nessuna",
            Username = "Nome utente",
            PasswordAsAbove = "quella qui sopra",

            AppsTitle = "Configurare un’app",
            AppleTitle = "iPhone, iPad e Mac",
            AppleLead =
                "Il profilo contiene tutte le impostazioni e la password: elimini il file dopo l’installazione.",
            AppleDownload = "Scarica il profilo",
            AppleSteps =
            [
                "Scarichi il profilo sul dispositivo stesso, con Safari.",
                "Apra Impostazioni (su Mac: Impostazioni di Sistema, Generali, Gestione dispositivo) e scelga il "
                + "profilo scaricato.",
                "Lo installi. La casella si trova poi nell’app Mail.",
            ],
            ThunderbirdSteps =
            [
                "Scelga «Nuovo account», poi «Email», e scriva il suo nome e la casella.",
                "Se chiede una password, incolli quella qui sopra.",
                "Se le impostazioni non vengono trovate, scelga «Configura manualmente» e scriva quelle della tabella.",
            ],
            OutlookSteps =
            [
                "Scelga «File», «Aggiungi account» e scriva la casella.",
                "Scelga «Opzioni avanzate», «Consenti di configurare manualmente l’account», poi IMAP o POP.",
                "Scriva le impostazioni della tabella, poi la password.",
            ],
            OtherTitle = "Un’altra app",
            OtherSteps =
            [
                "Aggiunga un account del tipo «Altro» o «IMAP».",
                "Scriva le impostazioni della tabella; anche l’invio richiede nome utente e password.",
            ],

            UnusableTitle = "Questo link non può essere usato",
            UnusableText = "È già stato usato, è scaduto oppure non è stato copiato per intero.",
            UnusableAdvice = "Ne chieda uno nuovo a chi glielo ha inviato.",
            UnusableSameBrowser = "Ha appena creato una password in questo browser?",
            OpenAgain = "Riapri il link",
            TooManyTitle = "Troppe richieste",
            TooManyText = "Attenda un minuto e riapra il link. Non è esaurito.",
            FailedTitle = "Non ha funzionato",
            FailedText = "Qualcosa è andato storto da parte nostra. Riapra il link tra un momento.",
            FormTitle = "Riapra il link, per favore",
            FormText = "Il modulo era troppo vecchio, oppure il browser non conserva cookie per questa pagina. "
                + "Il link non è esaurito.",
        },
        Mail = new()
        {
            Subject = "Il suo link a una password di posta",
            Greeting = "Buongiorno {0},",
            Lead = "Con questo link riceve una password per la casella {0} sul suo dispositivo «{1}» e le "
                + "impostazioni necessarie.",
            Button = "Ottenere la password",
            Until = "Il link è valido fino al {0}.",
            Once = "Si può usare una sola volta: lo apra quando ha il dispositivo a portata di mano.",
            Fallback = "Se il pulsante non funziona, copi questo link nel browser:",
            Unexpected = "Non si aspettava questo messaggio? Non apra il link e avvisi il suo amministratore.",
        },
    };
}
