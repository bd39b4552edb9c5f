/******************************************************************/
/* Title:       ELIXHAUSER COMORBIDITY SOFTWARE REFINED           */
/*              FOR ICD-10-CM MAPPING PROGRAM                     */
/*                                                                */
/* Program:     CMR_Mapping_Program_v2022-1.SAS: a sample         */
/******************************************************************/
%macro comorbidity;
DATA OUT1.&OUT.;
   SET IN1.&CORE ;

   ARRAY VALANYPOA  (5) $13 A1-A5
                       ("DEPRESS"  "DIAB_UNCX"  "DIAB_CX"  "HTN_UNCX"  "HTN_CX" );

   ARRAY VALPOA    (4) $13 B1-B4
                       ("HF"  "PARALYSIS"  "CBVD_POA"  "CBVD_SQLA");

   DO I = 2 TO MIN(&MAXNDX,&NUMDX);
         IF DXVALUE = "HFHTN_CX"             THEN CMR_HTN_CX    = 1;

         IF (EXEMPTPOA(I) = 1)  or (EXEMPTPOA(I) = 0 AND DXPOA(I) IN ("Y","W")) THEN DO;
            IF DXVALUE = "HFHTN_CX"            THEN CMR_HF         = 1;
            IF DXVALUE = "CBVD_SQLAPARALYSIS"  THEN DO;
               CMR_PARALYSIS = 1;
               CMR_CBVD_SQLA = 1;
            END;
         END;

         IF (EXEMPTPOA(I) = 0 AND DXPOA(I) IN ("N","U")) THEN DO;
            IF DXVALUE = "CBVD_POA"  THEN CMR_CBVD_NPOA = 1;
         END;
   END;

   /* the more severe one counts */
   IF CMR_DIAB_CX      = 1 THEN CMR_DIAB_UNCX   = 0;
   IF CMR_HTN_CX       = 1 THEN DO;
      CMR_HTN_UNCX    = 0;
   END;
   IF (CMR_CBVD_POA=1) OR (CMR_CBVD_POA=0 AND CMR_CBVD_NPOA=0 AND CMR_CBVD_SQLA=1) THEN CMR_CBVD = 1;

   LABEL
        CMR_CBVD         = 'Cerebrovascular disease'
        CMR_CBVD_NPOA    = 'Cerebrovascular disease, not on admission'
        CMR_CBVD_POA     = 'Cerebrovascular disease, on admission'
        CMR_CBVD_SQLA    = 'Cerebrovascular disease, sequela'
        CMR_DEPRESS      = 'Depression'
        CMR_DIAB_CX      = 'Diabetes with chronic complications'
        CMR_DIAB_UNCX    = 'Diabetes without chronic complications'
        CMR_HF           = 'Heart failure'
        CMR_HTN_CX       = 'Hypertension, complicated'
        CMR_HTN_UNCX     = 'Hypertension, uncomplicated'
        CMR_PARALYSIS    = 'Paralysis'
        ;
RUN;
%mend comorbidity;
%comorbidity;
