namespace MailOperator.Languages;

internal sealed partial class Language
{
    public static readonly Language French = new()
    {
        Code = "fr",
        Name = "Français",
        Months =
        [
            "janvier", "février", "mars", "avril", "mai", "juin",
            "juillet", "août", "septembre", "octobre", "novembre", "décembre",
        ],
        DateAndTime = "{0} {1} {2}, {3}",
        Page = new()
        {
            LanguageLabel = "Langue",
            SkipToContent = "Aller au contenu",

            OpenTitle = "Un mot de passe pour votre appareil",
            Greeting = "Bonjour {0}",
            OpenLead = "Vous recevez un mot de passe réservé à cet appareil. Il pourra être retiré plus tard sans "
                + "toucher à vos autres appareils.",
            Mailbox = "Adresse",
            Device = "Appareil",
            ValidUntil = "Lien valable jusqu’au",
            OnceBefore = "Le mot de passe n’est affiché qu’une fois et ne pourra plus l’être. "
                + "Gardez l’appareil ou votre gestionnaire de mots de passe à portée de main.",
            Create = "Créer le mot de passe",
            OwnSummary = "Je préfère choisir le mien",
            OwnLabel = "Votre propre mot de passe",
            OwnRulesLead = "Il lui faut :",
            OwnRuleLength = "de 16 à 72 caractères",
            OwnRuleCharacters =
                "uniquement des lettres sans accent, des chiffres, des espaces et des symboles courants",
            OwnRuleEdges = "pas d’espace au début ni à la fin",
            OwnRuleWords = "aucune partie de votre adresse, ni le nom du service",
            OwnRuleRows = "au moins 10 caractères, si chaque suite comme aaaa, 1234 ou abcabc compte pour un",
            OwnRuleCommon = "au moins 10 caractères, si un mot de passe connu comme azerty compte pour un",
            OwnAdvice = "Prenez-en un que vous n’utilisez nulle part ailleurs.",
            OwnButton = "Utiliser ce mot de passe",
            OwnErrorLength = "Ce mot de passe n’a pas de 16 à 72 caractères.",
            OwnErrorCharacters = "Ce mot de passe contient un caractère que tous les logiciels de messagerie ne savent "
                + "pas saisir : un accent ou un émoji.",
            OwnErrorEdges = "Ce mot de passe commence ou finit par un espace.",
            OwnErrorWords = "Ce mot de passe contient votre adresse, une partie de celle-ci ou le nom du service.",
            OwnErrorRows =
                "Ce mot de passe n’est presque fait que de répétitions ou de suites comme aaaa, 1234 ou abcabc.",
            OwnErrorCommon = "Ce mot de passe n’est presque fait que de mots de passe connus.",
            PhoneSummary = "Continuer sur un téléphone",
            PhoneText = "Visez ce code avec l’appareil photo du téléphone pour y ouvrir le lien. "
                + "Dans ce cas, ne créez pas le mot de passe ici : le lien ne sert qu’une fois.",
            DidNotGoThrough = "L’opération n’a pas abouti. Le lien n’a pas servi : veuillez réessayer.",

            TakenTitle = "Il y a déjà un mot de passe",
            TakenText = "Vous avez déjà utilisé ce lien dans ce navigateur. C’est le mot de passe créé alors qui est "
                + "valable ; ce que vous venez d’envoyer n’a pas été pris en compte.",

            WaitingTitle = "Votre mot de passe est en préparation",
            WaitingText = "Le serveur de messagerie en est informé. Cela prend quelques secondes.",
            WaitingAway = "Le serveur de messagerie ne répond pas pour le moment. Rien n’est perdu : "
                + "tout reprendra automatiquement dès son retour.",
            WaitingRefused = "La messagerie n’a pas encore accepté le mot de passe. Prévenez la personne qui vous a "
                + "envoyé le lien ; cette page reprendra ensuite d’elle-même.",
            WaitingKeep =
                "Vous pouvez fermer cette page et rouvrir le lien dans les {0} jours, dans ce même navigateur.",
            LookAgain = "Vérifier à nouveau",

            ReadyTitle = "Votre mot de passe est prêt",
            ReadyLead = "Il est valable dès maintenant, pour cet appareil seulement.",
            Password = "Mot de passe",
            Show = "Afficher",
            Hide = "Masquer",
            Copy = "Copier",
            Copied = "Copié",
            OnceAfter = "Enregistrez-le maintenant. Dans {0} minutes, ou dès que vous avez terminé, "
                + "il disparaît de cette page et ne peut plus être affiché.",
            OwnKnown = "C’est le mot de passe que vous avez saisi lors du premier envoi. Vous seul le connaissez : "
                + "il ne peut donc pas être affiché ici.",
            Done = "Je l’ai enregistré",
            DoneHint = "Votre application envoie et reçoit ? Retirez alors le mot de passe de cette page.",
            DoneTitle = "C’est terminé",
            DoneText = "Le mot de passe n’est plus sur cette page. Si vous le perdez, demandez un nouveau lien à la "
                + "personne qui vous a invité.",

            SettingsTitle = "Réglages pour votre application",
            Incoming = "Réception ({0})",
            Outgoing = "Envoi ({0})",
            Server = "Serveur",
            Port = "Port",
            Security = "Sécurité",
            SecurityNone = "aucune",
            Username = "Nom d’utilisateur",
            PasswordAsAbove = "celui ci-dessus",

            AppsTitle = "Configurer une application",
            AppleTitle = "iPhone, iPad et Mac",
            AppleLead =
                "Le profil contient tous les réglages et le mot de passe : supprimez le fichier une fois installé.",
            AppleDownload = "Télécharger le profil",
            AppleSteps =
            [
                "Téléchargez le profil sur l’appareil lui-même, avec Safari.",
                "Ouvrez Réglages (sur Mac : Réglages Système, Général, Gestion des appareils) et choisissez le "
                + "profil téléchargé.",
                "Installez-le. L’adresse se trouve ensuite dans l’app Mail.",
            ],
            ThunderbirdSteps =
            [
                "Choisissez « Nouveau compte », puis « Adresse électronique », et saisissez votre nom et l’adresse.",
                "S’il demande un mot de passe, collez celui ci-dessus.",
                "Si les réglages ne sont pas trouvés, choisissez « Configuration manuelle » et saisissez "
                + "ceux du tableau.",
            ],
            OutlookSteps =
            [
                "Choisissez « Fichier », « Ajouter un compte » et saisissez l’adresse.",
                "Choisissez « Options avancées », « Me permettre de configurer manuellement mon compte », "
                + "puis IMAP ou POP.",
                "Saisissez les réglages du tableau, puis le mot de passe.",
            ],
            OtherTitle = "Une autre application",
            OtherSteps =
            [
                "Ajoutez un compte de type « Autre » ou « IMAP ».",
                "Saisissez les réglages du tableau ; l’envoi demande aussi le nom d’utilisateur et le mot de passe.",
            ],

            UnusableTitle = "Ce lien ne peut pas être utilisé",
            UnusableText = "Il a déjà servi, il a expiré, ou il n’a pas été copié en entier.",
            UnusableAdvice = "Demandez-en un nouveau à la personne qui vous l’a envoyé.",
            UnusableSameBrowser = "Vous venez de créer un mot de passe dans ce navigateur ?",
            OpenAgain = "Rouvrir le lien",
            TooManyTitle = "Trop de demandes",
            TooManyText = "Patientez une minute, puis rouvrez le lien. Il n’est pas épuisé.",
            FailedTitle = "Cela n’a pas fonctionné",
            FailedText = "Quelque chose a échoué de notre côté. Rouvrez le lien dans un instant.",
            FormTitle = "Veuillez rouvrir le lien",
            FormText = "Ce formulaire était trop ancien, ou votre navigateur ne garde pas de cookies pour cette page. "
                + "Le lien n’est pas épuisé.",
        },
        Mail = new()
        {
            Subject = "Votre lien vers un mot de passe de messagerie",
            Greeting = "Bonjour {0},",
            Lead = "Ce lien vous donne un mot de passe pour la boîte {0} sur votre appareil « {1} », "
                + "ainsi que les réglages nécessaires.",
            Button = "Obtenir le mot de passe",
            Until = "Le lien est valable jusqu’au {0}.",
            Once = "Il ne sert qu’une fois : ouvrez-le lorsque vous avez l’appareil sous la main.",
            Fallback = "Si le bouton ne fait rien, copiez ce lien dans votre navigateur :",
            Unexpected = "Vous n’attendiez pas ce message ? N’ouvrez pas le lien et prévenez votre administrateur.",
        },
    };
}
